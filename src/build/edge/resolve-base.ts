import { isKind } from '#base/error.ts';
import { GantryError } from '#base/error.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { Image } from '#container/model/image.ts';
import { parseImageConfig, type ImageConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { BuildNode } from '../solver/lower-step.ts';
import type { LayerRef } from '../solver/operation.ts';

/** What a stage can stand on. */
export interface ResolvedBase {
  /** As progress shows it. */
  readonly reference: string;
  readonly layers: readonly LayerRef[];
  readonly config: ImageConfig | undefined;
  /** Set where it is no image but a step: a directory, or another build's result. */
  readonly node?: BuildNode;
}

/** Brings an image that is not here yet; throws what keeps it from that. */
export type PullImage = (reference: string, platform: Platform) => Promise<void>;

/** An image of this engine, pulled first where that can be done. */
export async function resolveImage(engine: BuildEngine, reference: string, platform: Platform, pull: PullImage | undefined): Promise<ResolvedBase> {
  let image: Image;
  try {
    image = engine.images.find(reference);
  } catch (thrown) {
    if (!isKind(thrown, 'not-found')) throw thrown;
    if (pull === undefined) throw notFound(reference);
    await pull(reference, platform);
    image = engine.images.find(reference);
  }
  return { reference, layers: layersOfImage(image), config: parseImageConfig(image.configJson) };
}

export function layersOfImage({ diffIds, chainIds, layerSizes, layerTarSizes }: Image): readonly LayerRef[] {
  return diffIds.map((diffId, index) => ({ diffId, chain: chainIds[index] ?? '', size: layerSizes[index] ?? 0, tarSize: layerTarSizes[index] ?? 0 }));
}

function notFound(reference: string): GantryError {
  return new GantryError('not-found', `${reference}: failed to resolve source metadata for ${reference}: ${reference}: not found`, { hint: 'pull, load or bootstrap the image first' });
}
