import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { release } from '#base/bytes.ts';
import { GantryError } from '#base/error.ts';
import { GatheredFile } from '#base/gathered-file.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import type { BlobInfo, PutExpectation } from '../port.ts';
import { checkComplete, checkGrowth } from '../_expectation.ts';
import type { Uploads } from '../uploads.ts';
import { diskError, type DiskBlobs } from './disk-blobs.ts';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** So much of an upload that is not on its way to the disk yet is sent there while more comes: else all of it waits for the sync at the end. */
const WRITE_OUT_BYTES = 8 << 20;

interface Running {
  readonly hash: Hash;
  size: number;
  writtenOut: number;
  /** The kernel tells of a write that failed only once: the sync at the end would know nothing of it. */
  failure?: unknown;
}

/** Uploads as files `<id>`. The hash goes along with the bytes; after a restart they are read once more. */
export class DiskUploads implements Uploads {
  readonly #directory: string;
  readonly #blobs: DiskBlobs;
  readonly #hashes = new Map<string, Running>();
  readonly #busy = new Set<string>();
  #writesOut = false;

  private constructor(directory: string, blobs: DiskBlobs) {
    this.#directory = directory;
    this.#blobs = blobs;
  }

  /** `directory` must be on the file system of the blobs. */
  static async open(directory: string, blobs: DiskBlobs): Promise<DiskUploads> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new DiskUploads(directory, blobs);
  }

  async begin(): Promise<string> {
    const id = randomUUID();
    await (await open(join(this.#directory, id), 'wx', 0o600)).close();
    this.#hashes.set(id, { hash: createHash('sha256'), size: 0, writtenOut: 0 });
    return id;
  }

  async size(id: string): Promise<number | undefined> {
    return ID.test(id) ? (await stat(join(this.#directory, id)).catch(() => undefined))?.size : undefined;
  }

  append(id: string, bytes: AsyncIterable<Uint8Array>, expected: Pick<PutExpectation, 'maxSize'> = {}): Promise<number> {
    return this.#alone(id, async () => {
      const running = await this.#hashOf(id);
      const file = await open(join(this.#directory, id), 'r+');
      const gathered = new GatheredFile(file, running.size, (written) => {
        running.hash.update(written);
        running.size += written.length;
        this.#writeOut(file, running);
      });
      try {
        try {
          for await (const chunk of bytes) {
            checkGrowth(gathered.end + chunk.length, expected);
            await gathered.put(chunk);
            release(chunk);
          }
        } finally {
          await gathered.flush();
        }
      } catch (thrown) {
        // A write that failed half way: the file may be longer than what was hashed.
        await file.truncate(running.size).catch(() => this.#hashes.delete(id));
        throw diskError(thrown);
      } finally {
        await file.close();
      }
      return running.size;
    });
  }

  commit(id: string, digest: Digest): Promise<BlobInfo> {
    return this.#alone(id, async () => {
      const running = await this.#hashOf(id);
      if (running.failure !== undefined) throw diskError(running.failure);
      const info = { digest: digestOfHex(running.hash.copy().digest('hex')), size: running.size };
      checkComplete(info.digest, info.size, { digest });
      await this.#blobs.adopt(join(this.#directory, id), digest);
      this.#hashes.delete(id);
      return info;
    });
  }

  async cancel(id: string): Promise<boolean> {
    if (await this.size(id) === undefined) return false;
    this.#hashes.delete(id);
    await rm(join(this.#directory, id), { force: true });
    return true;
  }

  async idleSince(timeMs: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const id of await readdir(this.#directory)) {
      const found = ID.test(id) && !this.#busy.has(id) ? await stat(join(this.#directory, id)).catch(() => undefined) : undefined;
      if (found !== undefined && found.mtimeMs < timeMs) ids.push(id);
    }
    return ids;
  }

  /** One at a time: each keeps a thread of the pool, and writing needs those too. */
  #writeOut(file: FileHandle, running: Running): void {
    if (this.#writesOut || running.size - running.writtenOut < WRITE_OUT_BYTES) return;
    this.#writesOut = true;
    running.writtenOut = running.size;
    // Before the file is closed, which waits for it.
    file.datasync().catch((thrown: unknown) => { running.failure = thrown; }).finally(() => { this.#writesOut = false; });
  }

  async #hashOf(id: string): Promise<Running> {
    const known = this.#hashes.get(id);
    if (known !== undefined) return known;
    const running: Running = { hash: createHash('sha256'), size: 0, writtenOut: 0 };
    for await (const chunk of createReadStream(join(this.#directory, id))) {
      running.hash.update(chunk as Buffer);
      running.size += (chunk as Buffer).length;
    }
    this.#hashes.set(id, running);
    return running;
  }

  async #alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (await this.size(id) === undefined) throw new GantryError('not-found', `no such upload: ${id.slice(0, 64)}`);
    if (this.#busy.has(id)) throw new GantryError('conflict', `another part of the upload ${id} is being written`);
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}
