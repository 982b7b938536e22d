import { lineAt } from './code-view.ts';
import type { SourceFile, Violation } from './source-file.ts';

/** Homes of people. Placeholders such as `/home/USER` and the image's own `/home/app` are not among them. */
const HOMES = /\/(?:Users\/[a-z][\w.-]*|home\/(?!app\b|user\b|node\b)[a-z][\w.-]*)\//g;

/** A path of the machine that a file was written on means nothing on another. `machine` lists such paths. */
export function machinePaths(files: readonly SourceFile[], machine: readonly string[] = []): Violation[] {
  return files.flatMap((file) => {
    const own = machine.flatMap((path) => occurrences(file.text, path).map((index) => ({ index, path })));
    const homes = [...file.text.matchAll(HOMES)].map(({ index, 0: path }) => ({ index, path }));
    return [...own, ...homes].map(({ index, path }) => ({
      path: file.path,
      line: lineAt(file.text, index),
      message: `names ${path}, a path of one machine: derive it, take it from the environment, or use a temporary directory`,
    }));
  });
}

function occurrences(text: string, path: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(path); at !== -1; at = text.indexOf(path, at + path.length)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + path.length] ?? ' ';
    if (!/[\w.-]/.test(before) && !/[\w-]/.test(after)) found.push(at);
  }
  return found;
}
