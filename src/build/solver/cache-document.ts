import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { isDigest } from '#image/oci/digest.ts';
import type { LayerRef } from './operation.ts';

/** A step whose result may be used elsewhere. */
export interface SharedStep {
  readonly definition: string;
  readonly key: string;
  readonly description: string;
  readonly layers: readonly LayerRef[];
}

/** Steps with their results as places in one list of layers, so that they travel in the config of an image that has these layers. */
export interface CacheDocument {
  readonly layers: readonly LayerRef[];
  readonly steps: readonly { readonly definition: string; readonly key: string; readonly description: string; readonly layers: readonly number[] }[];
}

/** The field of an image config that has it. */
export const CACHE_FIELD = 'gantry.build.cache.v1';

/** @param only layers of an image that exists: steps that need others are left out. Absent: all, in a list of their own */
export function cacheDocument(steps: readonly SharedStep[], only?: readonly LayerRef[]): CacheDocument {
  const layers: LayerRef[] = [...only ?? []];
  const places = new Map(layers.map(({ diffId }, index) => [diffId, index]));
  const written = [];
  for (const { definition, key, description, layers: own } of steps) {
    if (only !== undefined && !own.every(({ chain }, index) => only[index]?.chain === chain)) continue;
    const indexes = own.map((layer) => {
      const known = places.get(layer.diffId);
      if (known !== undefined) return known;
      places.set(layer.diffId, layers.length);
      return layers.push(layer) - 1;
    });
    written.push({ definition, key, description, layers: indexes });
  }
  return { layers, steps: written };
}

export function renderCacheDocument({ layers, steps }: CacheDocument): JsonObject {
  return {
    layers: layers.map(({ createdNs }) => ({ ...(createdNs === undefined ? {} : { createdNs }) })),
    steps: steps.map((step) => ({ ...step, layers: [...step.layers] })),
  };
}

/** @param count how many layers the image has. Throws `invalid`; undefined where the config has no cache. */
export function parseCacheSteps(configJson: string, count: number): CacheDocument['steps'] | undefined {
  const field = (JSON.parse(configJson) as JsonObject)[CACHE_FIELD];
  if (field === undefined) return undefined;
  const steps = isObject(field) ? field['steps'] : undefined;
  if (!Array.isArray(steps)) throw new GantryError('invalid', 'the build cache of the image is malformed');
  return steps.map((step: Json) => {
    const { definition, key, description, layers } = isObject(step) ? step : {};
    const isKey = (value: unknown): value is string => typeof value === 'string' && isDigest(`sha256:${value}`);
    const isPlace = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count;
    if (!isKey(definition) || !isKey(key) || typeof description !== 'string' || !Array.isArray(layers) || !layers.every(isPlace)) throw new GantryError('invalid', 'the build cache of the image is malformed');
    return { definition, key, description, layers: layers as number[] };
  });
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
