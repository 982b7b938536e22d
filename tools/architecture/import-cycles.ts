import { importsOf } from './imports.ts';
import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** No cycles of imports that are there at run time. Type-only imports are gone by then and may go round. */
export function importCycles(files: readonly SourceFile[]): Violation[] {
  const graph = new Map(files.filter(({ path }) => isTypeScript(path)).map((file) => [
    file.path,
    importsOf(file).flatMap(({ target, typeOnly }) => target === undefined || typeOnly ? [] : [target]),
  ]));
  return knots(graph).map((knot) => ({
    path: knot[0] as string,
    message: `imports itself by ${[...knot, knot[0]].join(' -> ')}; move what both need into a file below both, or pass it as an argument`,
  }));
}

/** A cycle for each import that closes one in a depth-first walk. */
function knots(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const walk = (node: string, trail: readonly string[]): void => {
    const start = trail.indexOf(node);
    if (start !== -1) {
      found.push(trail.slice(start));
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...trail, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}
