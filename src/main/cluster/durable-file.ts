import { open, writeFile } from 'node:fs/promises';

/** A private file, on the disk. */
export async function writeDurably(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  await writeFile(path, content, { mode: 0o600, flag: 'wx', flush: true });
}

/** So that names made or changed in it are on the disk, too. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
