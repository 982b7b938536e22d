import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { checkComplete, checkGrowth } from './_expectation.ts';
import type { BlobInfo, BlobStore, ByteRange, PutExpectation } from './port.ts';

/** Blobs in memory, for tests and the simulator. */
export class MemoryBlobs implements BlobStore {
  readonly #hasher: Hasher;
  readonly #nowMs: () => number;
  readonly #blobs = new Map<Digest, Uint8Array>();
  readonly #used = new Map<Digest, number>();

  /** @param nowMs without it everything is as old as it can be */
  constructor(hasher: Hasher, nowMs: () => number = () => 0) {
    this.#hasher = hasher;
    this.#nowMs = nowMs;
  }

  async put(bytes: AsyncIterable<Uint8Array>, expected: PutExpectation = {}): Promise<BlobInfo> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.length;
      checkGrowth(size, expected);
      chunks.push(chunk.slice());
    }
    const whole = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    const digest = digestOfHex(this.#hasher.sha256(whole));
    checkComplete(digest, size, expected);
    this.#blobs.set(digest, whole);
    this.#used.set(digest, this.#nowMs());
    return { digest, size };
  }

  async *get(digest: Digest, range: ByteRange = { offset: 0 }): AsyncGenerator<Uint8Array> {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) throw new GantryError('not-found', `no such blob: ${digest}`, { subject: `blob ${digest}` });
    const end = range.length === undefined ? blob.length : range.offset + range.length;
    const part = blob.slice(range.offset, end);
    if (part.length > 0) yield part;
  }

  async stat(digest: Digest): Promise<BlobInfo | undefined> {
    const blob = this.#blobs.get(digest);
    return blob === undefined ? undefined : { digest, size: blob.length };
  }

  async usedMs(digest: Digest): Promise<number | undefined> {
    return this.#used.get(digest);
  }

  async touch(digest: Digest): Promise<boolean> {
    if (!this.#blobs.has(digest)) return false;
    this.#used.set(digest, this.#nowMs());
    return true;
  }

  async remove(digest: Digest): Promise<boolean> {
    this.#used.delete(digest);
    return this.#blobs.delete(digest);
  }

  async *list(): AsyncGenerator<BlobInfo> {
    for (const [digest, blob] of [...this.#blobs]) yield { digest, size: blob.length };
  }

  path(): undefined {
    return undefined;
  }
}
