import ffi from 'node:ffi';
import { constants } from 'node:zlib';
import { GantryError } from '#base/error.ts';

/** The zlib that Node itself has and exports (zlib.h). */
const zlib = ffi.dlopen(null, {
  inflateInit2_: { arguments: ['buffer', 'i32', 'string', 'i32'], return: 'i32' },
  inflateReset: { arguments: ['buffer'], return: 'i32' },
  inflate: { arguments: ['buffer', 'i32'], return: 'i32' },
  crc32_combine: { arguments: ['u64', 'u64', 'i64'], return: 'u64' },
}).functions;

/** z_stream of a 64-bit system. */
const STREAM = { bytes: 112, nextIn: 0, availIn: 8, nextOut: 24, availOut: 32, message: 48, check: 96 } as const;
/** gzip and no other format, its CRC-32 and length compared (inflateInit2). */
const GZIP_WINDOW_BITS = constants.Z_MAX_WINDOWBITS + 16;
const PIECE_BYTES = 256 << 10;

export const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Puts compressed bytes into the memory and answers how many: 0 at the end. */
export type Read = (into: Uint8Array) => number;

/**
 * Inflates gzip (RFC 1952) in this thread, into the same memory again and again. Node's stream hands each piece to another thread and
 * back, takes new memory for it, and keeps to itself the CRC-32 that zlib computes anyway: a quarter of the processor time of a layer.
 */
export class Gunzip {
  readonly #stream = Buffer.alloc(STREAM.bytes);
  readonly #input = Buffer.allocUnsafeSlow(PIECE_BYTES);
  readonly #output = Buffer.allocUnsafeSlow(PIECE_BYTES);
  readonly #inputAddress = ffi.getRawPointer(this.#input);
  readonly #outputAddress = ffi.getRawPointer(this.#output);
  readonly #read: Read;
  /** Bytes of the input memory, and how many of them are inflated. */
  #inputBytes: number;
  #consumed = 0;
  /** Of the members that are over. */
  #checksum = 0n;
  #memberBytes = 0;

  /** @param head what was read already, a few bytes */
  constructor(head: Uint8Array, read: Read) {
    this.#input.set(head);
    this.#inputBytes = head.length;
    this.#read = read;
    if (zlib.inflateInit2_(this.#stream, GZIP_WINDOW_BITS, process.versions.zlib, STREAM.bytes) !== constants.Z_OK) throw new GantryError('internal', 'could not start zlib');
  }

  /** CRC-32 of all that came out, once all did. */
  get checksum(): number {
    return Number(this.#checksum);
  }

  /**
   * Each piece is good until the next is asked for. Members are joined; zeros after the last one, and what follows them, are padding
   * that is not read. Throws `invalid` for anything else.
   */
  *pieces(): Generator<Uint8Array, void, void> {
    let filled = 0;
    for (;;) {
      const result = this.#inflate(filled);
      const before = filled;
      filled = PIECE_BYTES - this.#stream.readUInt32LE(STREAM.availOut);
      this.#memberBytes += filled - before;
      const isOver = result === constants.Z_STREAM_END;
      if (isOver) this.#endMember();
      // No progress is no error: it asks for more input.
      else if (result !== constants.Z_OK && result !== constants.Z_BUF_ERROR) throw damaged(this.#words());
      const isFull = filled === PIECE_BYTES;
      if (isFull) {
        yield this.#output;
        filled = 0;
      }
      const hasMore = this.#consumed < this.#inputBytes || (isFull && !isOver) || this.#fill();
      if (hasMore && (!isOver || this.#input[this.#consumed] !== 0)) continue;
      if (!isOver) throw damaged('unexpected end of file');
      if (filled > 0) yield this.#output.subarray(0, filled);
      return;
    }
  }

  #inflate(filled: number): number {
    const stream = this.#stream;
    stream.writeBigUInt64LE(this.#inputAddress + BigInt(this.#consumed), STREAM.nextIn);
    stream.writeUInt32LE(this.#inputBytes - this.#consumed, STREAM.availIn);
    stream.writeBigUInt64LE(this.#outputAddress + BigInt(filled), STREAM.nextOut);
    stream.writeUInt32LE(PIECE_BYTES - filled, STREAM.availOut);
    const result = zlib.inflate(stream, constants.Z_NO_FLUSH);
    this.#consumed = this.#inputBytes - stream.readUInt32LE(STREAM.availIn);
    return result;
  }

  /** False at the end. */
  #fill(): boolean {
    this.#inputBytes = this.#read(this.#input);
    this.#consumed = 0;
    return this.#inputBytes > 0;
  }

  #endMember(): void {
    this.#checksum = zlib.crc32_combine(this.#checksum, this.#stream.readBigUInt64LE(STREAM.check), BigInt(this.#memberBytes));
    this.#memberBytes = 0;
    zlib.inflateReset(this.#stream);
  }

  /** What zlib says is wrong. */
  #words(): string {
    const address = this.#stream.readBigUInt64LE(STREAM.message);
    return address === 0n ? 'incorrect data' : ffi.toString(address) ?? '';
  }
}

function damaged(words: string): GantryError {
  return new GantryError('invalid', `the gzip data of the layer is damaged or ends too early: ${words}`);
}
