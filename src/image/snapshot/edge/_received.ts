import { readSync } from 'node:fs';
import { Sha256 } from './_sha256.ts';

/** Where in a file the bytes are. */
export interface FilePart {
  readonly offset: number;
  readonly size: number;
}

/** What comes in on a descriptor, before anything is decompressed. */
export class Received {
  bytes = 0;
  readonly #descriptor: number;
  readonly #part: FilePart | undefined;
  readonly #hash: Sha256 | undefined;

  /** Without a part: what a pipe or socket brings, or a file from its present place on. */
  constructor(descriptor: number, isHashed: boolean, part?: FilePart) {
    this.#descriptor = descriptor;
    this.#part = part;
    this.#hash = isHashed ? new Sha256() : undefined;
  }

  /** Hex, of all that was read: asked for once, at the end. */
  get sha256(): string | undefined {
    return this.#hash?.end();
  }

  /** Waits until there is something, and answers how many bytes of it were put into the memory: 0 at the end. */
  read(into: Uint8Array): number {
    const room = this.#part === undefined ? into.length : Math.min(into.length, this.#part.size - this.bytes);
    if (room === 0) return 0;
    const length = readSync(this.#descriptor, into, 0, room, this.#part === undefined ? null : this.#part.offset + this.bytes);
    this.bytes += length;
    this.#hash?.update(into.subarray(0, length));
    return length;
  }

  /** The first bytes, fewer only where there are no more. */
  head(length: number): Buffer {
    const head = Buffer.alloc(length);
    let at = 0;
    for (let size = -1; size !== 0 && at < length; at += size) size = this.read(head.subarray(at));
    return head.subarray(0, at);
  }

  /** What was read already, and all that follows, in memory of its own. */
  async *chunks(head: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = this.read(chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  }

  /** Reads what nobody asked for, since it belongs to what was sent. */
  drain(scratch: Uint8Array): void {
    while (this.read(scratch) > 0);
  }
}
