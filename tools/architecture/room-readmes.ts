import { roomOf } from './rooms.ts';
import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** Each room says what it is for, its words and its invariants. */
export function roomReadmes(files: readonly SourceFile[]): Violation[] {
  const paths = new Set(files.map(({ path }) => path));
  const rooms = new Set(files.filter(({ path }) => isTypeScript(path)).flatMap(({ path }) => roomOf(path) ?? []));
  return [...rooms]
    .map((room) => `src/${room}/README.md`)
    .filter((path) => !paths.has(path))
    .map((path) => ({ path, message: 'is missing: say what the room is for, its words and its invariants, in 5 to 20 lines' }));
}
