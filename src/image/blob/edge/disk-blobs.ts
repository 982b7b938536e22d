import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { isOfFullDisk } from '#base/full-disk.ts';
import { digestHex, digestOfHex, isDigest, type Digest } from '#image/oci/digest.ts';
import { checkComplete, checkGrowth } from '../_expectation.ts';
import type { BlobInfo, BlobStore, ByteRange, PutExpectation } from '../port.ts';

const READ_BYTES = 256 << 10;

/**
 * Blobs as files: `sha256/<hex>`, written as `ingest/<random>`, synced and renamed, so that what has a digest's name is
 * whole and stays after a power cut. One process at a time.
 */
export class DiskBlobs implements BlobStore {
  readonly #blobs: string;
  readonly #ingest: string;

  private constructor(root: string) {
    this.#blobs = join(root, 'sha256');
    this.#ingest = join(root, 'ingest');
  }

  /** Creates the directories, and removes what a process that ended in the middle has left. */
  static async open(root: string): Promise<DiskBlobs> {
    const store = new DiskBlobs(root);
    await rm(store.#ingest, { recursive: true, force: true });
    for (const directory of [store.#blobs, store.#ingest]) await mkdir(directory, { recursive: true, mode: 0o700 });
    return store;
  }

  async put(bytes: AsyncIterable<Uint8Array>, expected: PutExpectation = {}): Promise<BlobInfo> {
    const temporary = join(this.#ingest, randomUUID());
    try {
      const file = await open(temporary, 'wx', 0o600);
      let info: BlobInfo;
      try {
        info = await write(file, bytes, expected);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path(info.digest));
      await syncDirectory(this.#blobs);
      return info;
    } catch (error) {
      await rm(temporary, { force: true });
      throw diskError(error);
    }
  }

  /** Makes a file of the same file system a blob. Who calls has hashed it. */
  async adopt(path: string, digest: Digest): Promise<void> {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, this.path(digest));
    await syncDirectory(this.#blobs);
  }

  async *get(digest: Digest, range: ByteRange = { offset: 0 }): AsyncGenerator<Uint8Array> {
    if (range.length === 0) return;
    const end = range.length === undefined ? Infinity : range.offset + range.length - 1;
    try {
      yield* createReadStream(this.path(digest), { start: range.offset, end, highWaterMark: READ_BYTES });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      throw new GantryError('not-found', `no such blob: ${digest}`, { subject: `blob ${digest}`, cause: error });
    }
  }

  async stat(digest: Digest): Promise<BlobInfo | undefined> {
    try {
      return { digest, size: (await stat(this.path(digest))).size };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async usedMs(digest: Digest): Promise<number | undefined> {
    return stat(this.path(digest)).then(({ mtimeMs }) => mtimeMs, (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
  }

  async touch(digest: Digest): Promise<boolean> {
    const now = new Date();
    return utimes(this.path(digest), now, now).then(() => true, (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    });
  }

  async remove(digest: Digest): Promise<boolean> {
    try {
      await rm(this.path(digest));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
    await syncDirectory(this.#blobs);
    return true;
  }

  async *list(): AsyncGenerator<BlobInfo> {
    for (const name of await readdir(this.#blobs)) {
      const digest = `sha256:${name}`;
      const info = isDigest(digest) ? await this.stat(digest) : undefined;
      if (info !== undefined) yield info;
    }
  }

  path(digest: Digest): string {
    return join(this.#blobs, digestHex(digest));
  }
}

async function write(file: FileHandle, bytes: AsyncIterable<Uint8Array>, expected: PutExpectation): Promise<BlobInfo> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    checkGrowth(size, expected);
    hash.update(chunk);
    for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
  }
  const digest = digestOfHex(hash.digest('hex'));
  checkComplete(digest, size, expected);
  return { digest, size };
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export function diskError(error: unknown): unknown {
  if (!isOfFullDisk(error)) return error;
  return new GantryError('exhausted', 'could not store the content: no space left on the disk that holds the images', {
    hint: 'Free some space, for example with `docker system prune`.', cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
