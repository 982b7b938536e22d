import { codeView, lineAt } from './code-view.ts';
import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** Node loads a test reporter by its default export. */
const required = new Set(['tools/test-run/event-reporter.ts']);

export function defaultExports(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => isTypeScript(path) && !required.has(path)).flatMap((file) =>
    [...codeView(file).matchAll(/\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g)].map(({ index }) => ({
      path: file.path,
      line: lineAt(file.text, index),
      message: 'default export: give it a name, and export that',
    })));
}
