import { importsOf } from './imports.ts';
import { roomOf } from './rooms.ts';
import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** `_x.ts` belongs to its room; outside of src/, to its folder. */
export function privateFiles(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => isTypeScript(path)).flatMap((file) =>
    importsOf(file)
      .filter(({ target }) => target !== undefined && isPrivate(target) && home(file.path) !== home(target))
      .map(({ target, line }) => ({
        path: file.path,
        line,
        message: `imports ${target}, which is private to ${home(target as string)}: use what that room exports, or take the underscore off`,
      })));
}

const isPrivate = (path: string): boolean => (path.split('/').at(-1) as string).startsWith('_');
const home = (path: string): string => roomOf(path) ?? path.split('/').slice(0, -1).join('/');
