import { writeSync } from 'node:fs';

export const BUFFER_BYTES = 1 << 20;

/** Does bit by bit what makes bytes: between two steps no more than about `BUFFER_BYTES` of them come to be. */
export type Steps = Generator<void, void, void>;

export function runAll(steps: Steps): void {
  while (steps.next().done !== true);
}

/** Until all of it is written. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at);
}

/** Collects bytes and writes them to a descriptor in large pieces; waits where the reader is slow. */
export class ByteSink {
  readonly #descriptor: number | undefined;
  readonly #onBytes: (bytes: Buffer) => Buffer | undefined;
  #buffer: Buffer = Buffer.alloc(BUFFER_BYTES);
  #filled = 0;

  /**
   * `onBytes` sees all that is written, in order. Without a descriptor, it alone does; it may keep the memory and answer with other
   * memory of the same size to go on with.
   */
  constructor(descriptor: number | undefined, onBytes: (bytes: Buffer) => Buffer | undefined = () => undefined) {
    this.#descriptor = descriptor;
    this.#onBytes = onBytes;
  }

  put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#room());
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  zeros(length: number): void {
    for (let left = length; left > 0;) {
      const size = Math.min(left, this.#room());
      this.#buffer.fill(0, this.#filled, this.#filled + size);
      this.#filled += size;
      left -= size;
    }
  }

  /** `copy` in steps. Answers what is missing. */
  *copySteps(read: (into: Uint8Array) => number, length: number): Generator<void, number, void> {
    for (let left = length; left > 0;) {
      const part = Math.min(left, BUFFER_BYTES);
      const missing = this.copy(read, part);
      left -= part - missing;
      yield;
      if (missing > 0) return left;
    }
    return 0;
  }

  /** Fills itself by `read`, which answers how many bytes it has put in, until `length` or an answer of 0. Answers what is missing. */
  copy(read: (into: Uint8Array) => number, length: number): number {
    let left = length;
    while (left > 0) {
      const room = Math.min(left, this.#room());
      const size = read(this.#buffer.subarray(this.#filled, this.#filled + room));
      if (size === 0) break;
      this.#filled += size;
      left -= size;
    }
    return left;
  }

  flush(): void {
    const next = this.#onBytes(this.#buffer.subarray(0, this.#filled));
    if (this.#descriptor !== undefined) writeAll(this.#descriptor, this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
    this.#buffer = next ?? this.#buffer;
  }

  #room(): number {
    if (this.#filled === BUFFER_BYTES) this.flush();
    return BUFFER_BYTES - this.#filled;
  }
}
