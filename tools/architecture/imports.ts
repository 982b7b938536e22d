import { codeView, lineAt } from './code-view.ts';
import type { SourceFile } from './source-file.ts';

export interface Import {
  readonly specifier: string;
  /** The path in the repository, or nothing for a package or a Node module. */
  readonly target: string | undefined;
  /** `import type` and `export type`: gone when the program runs. (`import { type A }` is not: it still loads the module.) */
  readonly typeOnly: boolean;
  readonly reExport: boolean;
  readonly line: number;
}

const STATEMENT = /(?<![.\w$])(?:(import|export)\s+(type\s+(?!from\b))?(?:(?:[\w$*{}\s,]|\bas\b)*?\bfrom\s*)?|(import)\s*\(\s*)(?=\s|$)/g;

/** Static imports, re-exports, and dynamic imports of a literal. */
export function importsOf(file: SourceFile): readonly Import[] {
  const known = found.get(file);
  if (known !== undefined) return known;
  const code = codeView(file);
  const imports: Import[] = [];
  for (const match of code.matchAll(STATEMENT)) {
    const specifier = literalAt(file.text, match.index + match[0].trimEnd().length);
    if (specifier === undefined) continue;
    imports.push({
      specifier,
      target: resolveImport(file.path, specifier),
      typeOnly: match[2] !== undefined,
      reExport: match[1] === 'export',
      line: lineAt(file.text, match.index),
    });
  }
  found.set(file, imports);
  return imports;
}

const found = new WeakMap<SourceFile, readonly Import[]>();

/** The code view blanks literals, so the source is asked: the string that starts here, after space. */
function literalAt(text: string, index: number): string | undefined {
  return /^\s*(['"])([^'"\n]+)\1/.exec(text.slice(index, index + 300))?.[2];
}

/** `#a/b.ts` is `src/a/b.ts` (package.json `imports`); relative paths are resolved; anything else is not ours. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  if (!specifier.startsWith('./') && !specifier.startsWith('../')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
