import { closeSync, openSync } from 'node:fs';
import { check, libc } from './libc.ts';

/**
 * Writes everything that the file system of `path` holds in memory to the disk. Blocks for as long as that takes: call it
 * in a worker when much may be waiting.
 */
export function syncFileSystem(path: string): void {
  const fd = openSync(path, 'r');
  try {
    check('syncfs', libc.syncfs(fd), { action: `sync the file system of ${path}`, subject: `file system of ${path}` });
  } finally {
    closeSync(fd);
  }
}
