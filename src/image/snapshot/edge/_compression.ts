import { digestOfHex } from '#image/oci/digest.ts';
import type { CompressedLayer } from '../port.ts';
import type { GzipResult } from './_gzip-output.ts';
import { lentOutputOf, type LayerChild } from './_layer-child.ts';

/** What a child that exports a layer as gzip writes, and what it says of it. */
export function compressed(start: () => Promise<LayerChild<GzipResult>>): CompressedLayer {
  const result = Promise.withResolvers<Awaited<CompressedLayer['result']>>();
  // Awaited where the bytes were read to their end.
  result.promise.catch(() => undefined);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      const child = await start();
      yield* lentOutputOf(child);
      const { sha256, size } = await child.result;
      result.resolve({ digest: digestOfHex(sha256), size });
    } catch (thrown) {
      result.reject(thrown);
      throw thrown;
    }
  }
  return { bytes: bytes(), result: result.promise };
}
