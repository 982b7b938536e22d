import type { Connection } from '#base/connection.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import type { CompressedLayer } from '../port.ts';
import type { GzipResult } from './_gzip-output.ts';
import { lentOutputOf, type ChildOptions, type LayerChild } from './_layer-child.ts';

/** Where the child's output goes. */
export type GzipTarget = { readonly stdout: 'lent' } | { readonly stdout: 'ignore' } & Required<Pick<ChildOptions, 'connection' | 'progress'>>;

/** What a child that exports a layer as gzip writes, and what it says of it. */
export function compressed(start: (target: GzipTarget) => Promise<LayerChild<GzipResult>>): CompressedLayer {
  const result = Promise.withResolvers<Awaited<CompressedLayer['result']>>();
  // Awaited where the bytes were read to their end.
  result.promise.catch(() => undefined);
  const told = async <T>(work: Promise<T>): Promise<T> => work.catch((thrown: unknown) => {
    result.reject(thrown);
    throw thrown;
  });
  const end = async (child: LayerChild<GzipResult>): Promise<void> => {
    const { sha256, size } = await child.result;
    result.resolve({ digest: digestOfHex(sha256), size });
  };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const child = await told(start({ stdout: 'lent' }));
    try {
      yield* lentOutputOf(child);
      await end(child);
    } catch (thrown) {
      result.reject(thrown);
      throw thrown;
    }
  }
  async function send(connection: Connection, progress: (sent: number) => void, signal: AbortSignal): Promise<void> {
    const child = await start({ stdout: 'ignore', connection, progress });
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      await end(child);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
  return { bytes: bytes(), sendChunks: (connection, progress, signal) => told(send(connection, progress, signal)), result: result.promise };
}
