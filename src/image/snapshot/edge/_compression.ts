import { digestOfHex } from '#image/oci/digest.ts';
import type { CompressedLayer } from '../port.ts';
import type { ChildCode } from './child-code.ts';
import type { GzipResult } from './gzip-child.ts';
import { LayerChild, outputOf } from './_layer-child.ts';

/** Gzip and hash of what another child writes. The tar goes from one to the other, and not through this process. */
export function compressed(start: () => Promise<LayerChild<unknown>>, code: ChildCode): CompressedLayer {
  const result = Promise.withResolvers<Awaited<CompressedLayer['result']>>();
  // Awaited where the bytes were read to their end.
  result.promise.catch(() => undefined);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const source = await start();
    try {
      const child = new LayerChild<GzipResult>('gzip-child', {}, { code, stdin: source.stdout, stdout: 'pipe' });
      // The child has its own; while this end is open too, the source would never learn that nobody reads any more.
      source.stdout.destroy();
      yield* outputOf(child);
      await source.result;
      const { sha256, size } = await child.result;
      result.resolve({ digest: digestOfHex(sha256), size });
    } catch (thrown) {
      result.reject(thrown);
      throw thrown;
    } finally {
      await source.kill();
    }
  }
  return { bytes: bytes(), result: result.promise };
}
