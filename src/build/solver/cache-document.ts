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

/** What a cache mount held, as a layer that has it below `/data`. */
export interface SharedMount {
  /** Of its place among cache mounts. */
  readonly name: string;
  readonly id: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly layer: number;
}

/** Steps with their results as places in one list of layers, so that they travel in the config of an image that has these layers. */
export interface CacheDocument {
  readonly layers: readonly LayerRef[];
  readonly steps: readonly { readonly definition: string; readonly key: string; readonly description: string; readonly layers: readonly number[] }[];
  readonly mounts: readonly SharedMount[];
}

/** The same, read from a config: of its layers it only knows when they were made. */
export type ReadCacheDocument = Omit<CacheDocument, 'layers'> & { readonly layers: readonly Pick<LayerRef, 'createdNs'>[] };

/** The field of an image config that has it. */
export const CACHE_FIELD = 'gantry.build.cache.v1';

/** @param only layers of images that exist, those of the first by their places in it: steps that need others are left out. Absent: all, in a list of their own */
export function cacheDocument(steps: readonly SharedStep[], only?: readonly (readonly LayerRef[])[]): CacheDocument {
  const layers: LayerRef[] = [...only?.[0] ?? []];
  const places = new Map(layers.map(({ diffId }, index) => [diffId, index]));
  const written = [];
  for (const { definition, key, description, layers: own } of steps) {
    if (only !== undefined && !only.some((image) => own.every(({ chain }, index) => image[index]?.chain === chain))) continue;
    const indexes = own.map((layer) => {
      const known = places.get(layer.diffId);
      if (known !== undefined) return known;
      places.set(layer.diffId, layers.length);
      return layers.push(layer) - 1;
    });
    written.push({ definition, key, description, layers: indexes });
  }
  return { layers, steps: written, mounts: [] };
}

/** The document with what cache mounts hold beside the steps. */
export function withMounts(document: CacheDocument, mounts: readonly (Omit<SharedMount, 'layer'> & { readonly layer: LayerRef })[]): CacheDocument {
  const layers = [...document.layers];
  const placed = mounts.map((mount): SharedMount => ({ ...mount, layer: layers.push(mount.layer) - 1 }));
  return { ...document, layers, mounts: placed };
}

export function renderCacheDocument({ layers, steps, mounts }: CacheDocument): JsonObject {
  return {
    layers: layers.map(({ createdNs }) => ({ ...(createdNs === undefined ? {} : { createdNs }) })),
    steps: steps.map((step) => ({ ...step, layers: [...step.layers] })),
    ...(mounts.length === 0 ? {} : { mounts: mounts.map((mount) => ({ ...mount })) }),
  };
}

/** @param count how many layers the image has. Throws `invalid`; undefined where the config has no cache. */
export function parseCacheDocument(configJson: string, count: number): ReadCacheDocument | undefined {
  const field = fieldOf(configJson);
  if (field === undefined) return undefined;
  const { layers, steps, mounts = [] } = isObject(field) ? field : {};
  if (!Array.isArray(steps) || !Array.isArray(layers) || !Array.isArray(mounts)) throw malformed();
  const isPlace = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count;
  return {
    layers: Array.from({ length: count }, (_, index) => madeAt(layers[index])),
    steps: steps.map((step) => parseStep(step, isPlace)),
    mounts: mounts.map((mount) => parseMount(mount, isPlace)),
  };
}

function fieldOf(configJson: string): Json | undefined {
  try {
    const config = JSON.parse(configJson) as Json;
    return isObject(config) ? config[CACHE_FIELD] : undefined;
  } catch (cause) {
    throw new GantryError('invalid', 'the build cache of the image is malformed', { cause });
  }
}

function madeAt(layer: Json | undefined): Pick<LayerRef, 'createdNs'> {
  const createdNs = isObject(layer) ? layer['createdNs'] : undefined;
  return typeof createdNs === 'string' && /^\d{1,20}$/.test(createdNs) ? { createdNs } : {};
}

function parseStep(step: Json, isPlace: (value: unknown) => value is number): CacheDocument['steps'][number] {
  const { definition, key, description, layers } = isObject(step) ? step : {};
  const isKey = (value: unknown): value is string => typeof value === 'string' && isDigest(`sha256:${value}`);
  if (!isKey(definition) || !isKey(key) || typeof description !== 'string' || !Array.isArray(layers) || !layers.every(isPlace)) throw malformed();
  return { definition, key, description, layers: layers as number[] };
}

function parseMount(mount: Json, isPlace: (value: unknown) => value is number): SharedMount {
  const { name, id, mode, uid, gid, layer } = isObject(mount) ? mount : {};
  const isNumber = (value: unknown, most: number): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
  if (typeof name !== 'string' || !MOUNT_NAME.test(name) || typeof id !== 'string' || !isNumber(mode, 0o7777) || !isNumber(uid, MAX_ID) || !isNumber(gid, MAX_ID) || !isPlace(layer)) throw malformed();
  return { name, id, mode, uid, gid, layer };
}

/** It becomes a name of a directory. */
const MOUNT_NAME = /^[0-9a-f]{40}$/;
const MAX_ID = 2 ** 32 - 2;

function malformed(): GantryError {
  return new GantryError('invalid', 'the build cache of the image is malformed');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
