import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { digestOfHex } from '#image/oci/digest.ts';
import type { CompressedLayer } from '../port.ts';

const PIECE_BYTES = 1 << 20;

/** Bytes as they are, with their digest at the end. */
export function hashedOutput(bytes: AsyncIterable<Uint8Array>): CompressedLayer {
  const result = Promise.withResolvers<Awaited<CompressedLayer['result']>>();
  // Whoever reads the bytes is told as well.
  result.promise.catch(() => undefined);
  return { bytes: hashing(bytes, result), result: result.promise };
}

async function* hashing(bytes: AsyncIterable<Uint8Array>, { resolve, reject }: PromiseWithResolvers<Awaited<CompressedLayer['result']>>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of bytes) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
    resolve({ digest: digestOfHex(hash.digest('hex')), size });
  } catch (thrown) {
    reject(thrown);
    throw thrown;
  }
}

/** The same bytes give the same: what a frame holds depends on the pieces that it is given, so those are all of one size. */
export function zstdOutput(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // A failure of either end is thrown to whoever reads.
  return pipeline(Readable.from(evenPieces(bytes)), createZstdCompress(), () => undefined);
}

async function* evenPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = Buffer.alloc(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = Buffer.alloc(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
