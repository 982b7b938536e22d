import { codeView } from './code-view.ts';
import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

const RE_EXPORT = /\bexport\s+(?:type\s+)?(?:\*(?:\s*as\s+[\w$]+)?|\{[^}]*\})\s*from\b/g;

/** A file that only passes on names hides where things are and ties every importer to all of them. */
export function barrels(files: readonly SourceFile[]): Violation[] {
  return files
    .filter((file) => {
      if (!isTypeScript(file.path)) return false;
      const code = codeView(file);
      return code.search(RE_EXPORT) !== -1 && code.replace(RE_EXPORT, '').replace(/[;\s]/g, '') === '';
    })
    .map(({ path }) => ({ path, message: 'only re-exports: delete it and import each name from the file that defines it' }));
}
