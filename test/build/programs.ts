import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { isOnPath } from '../../tools/test-run/on-path.ts';

/** Why a test can't run: the first program that is not here. */
export function missingProgram(...names: readonly string[]): string | undefined {
  const missing = names.find((name) => !isOnPath(name, process.env['PATH'] ?? ''));
  return missing === undefined ? undefined : `${missing} is not installed`;
}

/** A program of this machine with the libraries that it needs, below a directory. */
export function copyProgram(program: string, root: string): void {
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/[^ ]+(?= \()/g) ?? [];
  for (const path of [program, ...libraries]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
}
