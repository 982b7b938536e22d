import { codeView, lineAt } from './code-view.ts';
import type { SourceFile, Violation } from './source-file.ts';

/** A planner that waits for something has stopped planning: what it needs comes in as a value. */
export function planFiles(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => /(^|\/)plan\.ts$/.test(path)).flatMap((file) =>
    [...codeView(file).matchAll(/(?<![.\w$])(?:async|await)\b(?!\s*[:?,}])/g)].map(({ index, 0: word }) => ({
      path: file.path,
      line: lineAt(file.text, index),
      message: `${word} in a plan file: observe first (observe.ts), pass the observation in, and leave effects to apply`,
    })));
}
