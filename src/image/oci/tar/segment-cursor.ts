import type { Segment, TarEntry } from './entry.ts';

/** Where the content of one file, which a tar gives in pieces of any size, goes in that file: a sparse one has holes. */
export class SegmentCursor {
  readonly segments: readonly Segment[];
  #segment = 0;
  /** Bytes of the current segment that are written. */
  #written = 0;

  constructor(entry: TarEntry) {
    this.segments = entry.sparse ?? (entry.size === 0 ? [] : [{ offset: 0, length: entry.size }]);
  }

  /** @param write gets each part of `bytes` and its offset in the file, in bytes */
  push(bytes: Uint8Array, write: (part: Uint8Array, offset: number) => void): void {
    for (let at = 0; at < bytes.length;) {
      const segment = this.segments[this.#segment]!;
      const part = bytes.subarray(at, at + segment.length - this.#written);
      write(part, segment.offset + this.#written);
      at += part.length;
      this.#written += part.length;
      if (this.#written < segment.length) continue;
      this.#segment += 1;
      this.#written = 0;
    }
  }
}
