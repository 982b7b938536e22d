import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { BUFFER_BYTES, ByteSink } from './_byte-sink.ts';
import { compressibleRuns } from './_compressible-runs.ts';
import { RawDeflate } from './_raw-deflate.ts';
import { Sha256 } from './_sha256.ts';

export interface GzipResult {
  /** Hex. */
  readonly sha256: string;
  readonly size: number;
}

/** What is to be written once all before it is. */
type Step = () => void | Promise<void>;

/** Pieces that are not written yet. */
const MOST_AHEAD = 4;
/** Distance that deflate looks back: the end of the piece before serves as dictionary, or each piece would start from nothing. */
const WINDOW_BYTES = 32 << 10;
/** Of programs: 2.4 times as fast as level 6 for a fifteenth more bytes. */
const LEVEL = 2;
/** No name, no time, unknown system: nothing that could differ. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block with fixed codes. */
const END = Buffer.from([0x03, 0x00]);
/** To hand it to another thread and back takes longer than to deflate so little. */
const SMALL_BYTES = 64 << 10;
const LONGEST_STORED = 0xffff;

const deflate = promisify(deflateRaw) as (bytes: Uint8Array, options: object) => Promise<Buffer>;

/**
 * Writes gzip (RFC 1952), from pieces of `BUFFER_BYTES` of which only the last may be shorter. What can't be compressed goes
 * as it is, what is short is deflated here, and what is long by the threads of the pool, several at once. All are joined at byte boundaries
 * (a sync flush), so that the result is one member which every reader takes, and the same for the same input.
 */
export class GzipOutput {
  readonly #hash = new Sha256();
  readonly #sink: ByteSink;
  readonly #small = new RawDeflate(LEVEL, SMALL_BYTES);
  readonly #steps: Step[] = [];
  readonly #free: Buffer[] = [];
  /** Pieces whose memory a step still reads. */
  #ahead = 0;
  #window: Uint8Array | undefined;
  #size = 0;
  #length = 0;
  /** CRC-32 of what came in. */
  checksum = 0;

  /** @param write takes all bytes when it returns; more than `BUFFER_BYTES` are never given at once */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#sink = new ByteSink(undefined, (bytes) => {
      this.#hash.update(bytes);
      this.#size += bytes.length;
      write(bytes);
      return undefined;
    });
    this.#sink.put(HEADER);
  }

  /** Takes a piece, and answers with memory for the next where it still needs that of this one. */
  put(piece: Buffer): Buffer | undefined {
    this.checksum = crc32(piece, this.checksum);
    this.#length += piece.length;
    const runs = compressibleRuns(piece);
    for (const { bytes, isCompressible } of runs) {
      if (isCompressible) this.#deflate(bytes);
      else this.#then(() => this.#store(bytes));
      this.#window = undefined;
    }
    const last = runs.at(-1);
    // A copy: the piece may be gone when the next one wants it.
    if (last?.isCompressible === true) this.#window = Buffer.from(last.bytes.subarray(-WINDOW_BYTES));
    if (this.#steps.length === 0) return undefined;
    this.#ahead += 1;
    this.#steps.push(() => {
      this.#ahead -= 1;
      this.#free.push(Buffer.from(piece.buffer, piece.byteOffset, BUFFER_BYTES));
    });
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  /** Where so much waits that more should not come yet: until it is written. */
  async settled(): Promise<void> {
    while (this.#ahead >= MOST_AHEAD) await this.#steps.shift()?.();
  }

  /** Whether `settled` would wait: asked after each step of who makes the bytes, where a promise costs more than the step. */
  get isFull(): boolean {
    return this.#ahead >= MOST_AHEAD;
  }

  async end(): Promise<GzipResult> {
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) await step();
    this.#sink.put(END);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.checksum, 0);
    trailer.writeUInt32LE(this.#length % 2 ** 32, 4);
    this.#sink.put(trailer);
    this.#sink.flush();
    this.#small.end();
    return { sha256: this.#hash.end(), size: this.#size };
  }

  #deflate(bytes: Uint8Array): void {
    const dictionary = this.#window;
    if (bytes.length > SMALL_BYTES) {
      const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: bytes.length >> 1, ...(dictionary === undefined ? {} : { dictionary }) };
      const deflated = deflate(bytes, options);
      // Told to whoever waits for the step.
      deflated.catch(() => undefined);
      this.#steps.push(async () => this.#sink.put(await deflated));
    } else if (this.#steps.length === 0) this.#sink.put(this.#small.deflate(bytes, dictionary));
    else {
      const deflated = Buffer.from(this.#small.deflate(bytes, dictionary));
      this.#steps.push(() => this.#sink.put(deflated));
    }
  }

  #then(step: () => void): void {
    if (this.#steps.length === 0) step();
    else this.#steps.push(step);
  }

  /** Stored blocks (RFC 1951, 3.2.4); what precedes ends at a byte boundary. */
  #store(bytes: Uint8Array): void {
    const head = Buffer.alloc(5);
    for (let at = 0; at < bytes.length; at += LONGEST_STORED) {
      const part = bytes.subarray(at, at + LONGEST_STORED);
      head.writeUInt16LE(part.length, 1);
      head.writeUInt16LE(part.length ^ 0xffff, 3);
      this.#sink.put(head);
      this.#sink.put(part);
    }
  }
}
