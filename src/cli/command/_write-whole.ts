import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { GantryError } from '#base/error.ts';
import { reasonOf } from './_open-file.ts';

/** Nobody sees half an archive: it gets its name when it is complete. */
export async function writeWhole(path: string, body: AsyncIterable<Uint8Array>, what: string): Promise<void> {
  const draft = `${path}.${process.pid}.partial`;
  const file = createWriteStream(draft, { mode: 0o600 });
  const closed = new Promise((resolve) => file.once('close', resolve));
  try {
    await pipeline(body, file);
    await rename(draft, path);
  } catch (cause) {
    // A source that fails at once may be faster than the file is made.
    await closed;
    await rm(draft, { force: true });
    if (cause instanceof GantryError) throw cause;
    throw new GantryError('invalid', `failed to ${what}: ${path}: ${reasonOf(cause)}`, { cause });
  }
}
