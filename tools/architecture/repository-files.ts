import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SourceFile } from './source-file.ts';

const BINARY = /\.(?:png|jpg|ico|gz|zst|tar|wasm|bin|woff2)$/;

/** Every text file that git tracks or would track. */
export function repositoryFiles(root: string): SourceFile[] {
  const listed = execFileSync('git', ['-C', root, '-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && !BINARY.test(path)).sort().flatMap((path) => {
    const text = readIfThere(join(root, path));
    return text === undefined ? [] : [{ path, text }];
  });
}

/** The index may name a file that was deleted or moved since, and a link to a folder is no file. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Where this checkout and its neighbours lie: paths that no file should name. */
export function machinePathsNear(root: string): string[] {
  const parent = dirname(root);
  if (parent === '/' || parent === tmpdir()) return [root];
  return readdirSync(parent).filter((name) => !name.startsWith('.')).map((name) => join(parent, name));
}
