import { globSync } from 'node:fs';

/** Unit tests lie beside what they test and have no effect on the kernel; scenarios drive real daemons. */
export const unitTests = (root: string): string[] => find(root, ['src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts']);
export const scenarioTests = (root: string): string[] => find(root, ['test/**/*.test.ts']);

function find(root: string, patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: root }).sort();
}

/** Files whose path contains one of the words; all of them when there is no word. */
export function select(paths: readonly string[], words: readonly string[]): string[] {
  return paths.filter((path) => words.length === 0 || words.some((word) => path.includes(word)));
}
