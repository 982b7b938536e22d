import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { GantryError } from '#base/error.ts';
import { reasonOf } from './_open-file.ts';

/** Nobody sees half an archive: it gets its name when it is complete. */
export async function writeWhole(path: string, body: AsyncIterable<Uint8Array>, what: string): Promise<void> {
  const draft = `${path}.${process.pid}.partial`;
  try {
    const file = createWriteStream(draft, { mode: 0o600 });
    for await (const bytes of body) {
      if (!file.write(bytes)) await new Promise((resolve) => file.once('drain', resolve));
    }
    file.end();
    await finished(file);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    if (cause instanceof GantryError) throw cause;
    throw new GantryError('invalid', `failed to ${what}: ${path}: ${reasonOf(cause)}`, { cause });
  }
}
