import { importsOf } from './imports.ts';
import { roomOf } from './rooms.ts';
import { isEdge, isTest, isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** Only main/, the same room's edge, and tests know an implementation; everybody else knows its port. */
export function edgeImports(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => isTypeScript(path) && path.startsWith('src/')).flatMap((file) =>
    importsOf(file)
      .filter(({ target }) => target !== undefined && isEdge(target) && !mayImportEdge(file.path, target))
      .map(({ target, line }) => ({
        path: file.path,
        line,
        message: `imports ${target}: only main/, the edge of the same room and tests import edge/; take the port as an argument`,
      })));
}

function mayImportEdge(from: string, target: string): boolean {
  return from.startsWith('src/main/') || isTest(from) || (isEdge(from) && roomOf(from) === roomOf(target));
}
