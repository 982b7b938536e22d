import ffi from 'node:ffi';
import { constants } from 'node:zlib';
import { GantryError } from '#base/error.ts';

/** The zlib that Node itself has and exports (zlib.h). */
const zlib = ffi.dlopen(null, {
  deflateInit2_: { arguments: ['buffer', 'i32', 'i32', 'i32', 'i32', 'i32', 'string', 'i32'], return: 'i32' },
  deflateReset: { arguments: ['buffer'], return: 'i32' },
  deflateSetDictionary: { arguments: ['buffer', 'buffer', 'u32'], return: 'i32' },
  deflate: { arguments: ['buffer', 'i32'], return: 'i32' },
  deflateEnd: { arguments: ['buffer'], return: 'i32' },
}).functions;

/** z_stream of a 64-bit system. */
const STREAM = { bytes: 112, nextIn: 0, availIn: 8, nextOut: 24, availOut: 32 } as const;
const Z_DEFLATED = 8;
const RAW_WINDOW_BITS = -constants.Z_DEFAULT_WINDOWBITS;
/** Stored blocks of it, and what ends them: zlib's own bound is lower. */
const boundOf = (bytes: number): number => bytes + (bytes >> 8) + 64;

/**
 * Deflates one small stretch after the other, each by itself, in this thread. `deflateRawSync` makes a stream of 268 KB for each, which
 * takes as long as 30 KB of text do and keeps the garbage collector busy. What comes out depends on what came before, since the hashes at
 * the end of a stretch see bytes of an earlier one: the same stretches in the same order give the same.
 */
export class RawDeflate {
  readonly #stream = Buffer.alloc(STREAM.bytes);
  readonly #output: Buffer;
  readonly #outputAddress: bigint;

  constructor(level: number, mostBytes: number) {
    this.#output = Buffer.allocUnsafeSlow(boundOf(mostBytes));
    this.#outputAddress = ffi.getRawPointer(this.#output);
    check(zlib.deflateInit2_(this.#stream, level, Z_DEFLATED, RAW_WINDOW_BITS, constants.Z_DEFAULT_MEMLEVEL, constants.Z_DEFAULT_STRATEGY, process.versions.zlib, STREAM.bytes));
  }

  /** Up to a byte boundary, by a sync flush. The answer is good until the next call. */
  deflate(bytes: Uint8Array, dictionary: Uint8Array | undefined): Uint8Array {
    check(zlib.deflateReset(this.#stream));
    if (dictionary !== undefined) check(zlib.deflateSetDictionary(this.#stream, dictionary, dictionary.length));
    this.#stream.writeBigUInt64LE(ffi.getRawPointer(bytes), STREAM.nextIn);
    this.#stream.writeUInt32LE(bytes.length, STREAM.availIn);
    this.#stream.writeBigUInt64LE(this.#outputAddress, STREAM.nextOut);
    this.#stream.writeUInt32LE(this.#output.length, STREAM.availOut);
    check(zlib.deflate(this.#stream, constants.Z_SYNC_FLUSH));
    if (this.#stream.readUInt32LE(STREAM.availIn) > 0) throw new GantryError('internal', `could not compress ${bytes.length} bytes: there is no room for what they become`);
    return this.#output.subarray(0, this.#output.length - this.#stream.readUInt32LE(STREAM.availOut));
  }

  /** Gives back what zlib has allocated. Nothing is deflated after it. */
  end(): void {
    zlib.deflateEnd(this.#stream);
  }
}

function check(result: number): void {
  if (result !== constants.Z_OK) throw new GantryError('internal', `could not compress: zlib answers ${result}`);
}
