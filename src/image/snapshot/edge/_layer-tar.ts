import { GantryError } from '#base/error.ts';
import type { ByteSink, Steps } from './_byte-sink.ts';
import { DiffWriter } from './_diff-writer.ts';
import { LayerExport, type LayerRecipe } from './_layer-export.ts';

/** What a tar was, in hex, or as a number where it goes out as gzip, which has that of it anyway. */
export type TarSum = { readonly sha256: string } | { readonly crc32: number };

/** The tar of the layer that this process is in: by its recipe, or what a diff of the files is. */
export function tarSteps(sink: ByteSink, from: LayerRecipe | undefined): Steps {
  return from === undefined ? new DiffWriter(sink).steps() : new LayerExport(sink, from).steps();
}

/** Throws `internal` where a layer is no longer what came in. */
export function checkSame(diffId: string, expected: TarSum, actual: TarSum): void {
  const [was, is] = [expected, actual].map((sum) => ('sha256' in sum ? `sha256:${sum.sha256}` : `the CRC-32 ${sum.crc32.toString(16)}`));
  if (was === is) return;
  throw new GantryError('internal', `the files of the layer ${diffId} were changed on disk: its tar, which had ${was}, now has ${is}`, {
    hint: 'Remove the image and pull it again.',
  });
}
