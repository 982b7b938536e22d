import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { GantryError } from '#base/error.ts';

const READ_SIZE = 1 << 18;

/** Opens a file before any request is made, so that a missing file is what the person hears of. */
export async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return createReadStream(path, { fd: await open(path), highWaterMark: READ_SIZE });
  } catch (cause) {
    throw new GantryError('not-found', `open ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** The system's words for a failure of a file, without Node's. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or directory';
  return code === 'EACCES' ? 'permission denied' : message;
}
