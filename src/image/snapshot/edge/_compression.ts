import { closeSync } from 'node:fs';
import type { Connection } from '#base/connection.ts';
import { GantryError } from '#base/error.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import type { CompressedLayer } from '../port.ts';
import type { GzipResult } from './_gzip-output.ts';
import { LentPieces, openPipe } from './_lent-output.ts';

/** Where the gzip goes. */
export interface GzipTarget {
  /** Asked for when it is passed on. */
  readonly descriptor: () => number;
  readonly isChunked: boolean;
  readonly progress: (sent: number) => void;
}

/** A layer, and the process that packs it. */
export interface Packer {
  pack(target: GzipTarget): Promise<GzipResult>;
  /** Ends the process. */
  end(): Promise<void>;
  /** The layer needs it no more. */
  free(): void;
}

/** What a process that packs a layer writes, and what it says of it. */
export function compressed(begin: () => Promise<Packer>): CompressedLayer {
  const result = Promise.withResolvers<Awaited<CompressedLayer['result']>>();
  // Awaited where the bytes were read to their end.
  result.promise.catch(() => undefined);
  const pack = async (target: GzipTarget, signal: AbortSignal): Promise<void> => {
    try {
      const { sha256, size } = await packed(begin, target, signal);
      result.resolve({ digest: digestOfHex(sha256), size });
    } catch (thrown) {
      result.reject(thrown);
      throw thrown;
    }
  };
  return {
    bytes: piped(pack),
    sendChunks: (connection, progress, signal) => pack({ descriptor: () => descriptorOf(connection), isChunked: true, progress }, signal),
    result: result.promise,
  };
}

async function packed(begin: () => Promise<Packer>, target: GzipTarget, signal: AbortSignal): Promise<GzipResult> {
  const packer = await begin();
  const stop = (): void => void packer.end();
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    return await packer.pack(target);
  } finally {
    signal.removeEventListener('abort', stop);
    packer.free();
  }
}

async function* piped(pack: (target: GzipTarget, signal: AbortSignal) => Promise<void>): AsyncGenerator<Uint8Array> {
  const { reader, writer } = openPipe();
  const pieces = new LentPieces(reader);
  const over = new AbortController();
  const whole = pack({ descriptor: () => writer, isChunked: false, progress: () => undefined }, over.signal).finally(() => closeSync(writer));
  // Not heard where the reader breaks off.
  whole.catch(() => undefined);
  try {
    yield* pieces;
    await whole;
  } finally {
    pieces.destroy();
    over.abort();
    await whole.catch(() => undefined);
  }
}

function descriptorOf({ descriptor }: Connection): number {
  if (descriptor === undefined) throw new GantryError('unavailable', 'the connection has been closed');
  return descriptor;
}
