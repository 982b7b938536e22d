import type { Json } from '#base/json.ts';
import { readAs, shownAs } from '#cluster/kinds/custom/custom-kind.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { CustomConversion, CustomKind, ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { Entry } from '#store/store.ts';
import type { VersionConverter } from '../version-converter.ts';
import { versionOf } from './conversion-review.ts';

/** Of one question to a webhook; its answer may be several times as large, and has three MiB. */
const MOST_TEXT = 512 * 1024;
const MOST_OBJECTS = 500;

type Version = ResourceDefinition & { readonly custom: CustomKind & { readonly conversion: CustomConversion } };

/** Whether objects of the kind are shown as a webhook makes them. */
export function isConverted(of: ResourceDefinition): of is Version {
  return of.custom?.conversion !== undefined && of.custom.isAsStored !== true;
}

/** Objects of kinds whose versions a webhook converts: as they are stored, and as they are shown. */
export class StoredVersions {
  readonly #converter: VersionConverter;
  /** What all who watch are shown is asked for once, as long as the definition is the same. */
  readonly #shown = new WeakMap<Entry, WeakMap<CustomKind, Promise<KubeObject>>>();

  constructor(converter: VersionConverter) {
    this.#converter = converter;
  }

  /** The objects of entries in the version of the resource; many questions are asked one after another, with turns of the loop between. */
  async shown(of: Version, entries: readonly Entry[]): Promise<readonly KubeObject[]> {
    const objects: KubeObject[] = [];
    for (const batch of batches(entries)) objects.push(...await Promise.all(this.#batch(of, batch)));
    return objects;
  }

  /** An object as it is to be stored. */
  async stored(of: Version, object: KubeObject): Promise<KubeObject> {
    const [stored = object] = await this.#converter.convert(of, of.custom.conversion, [object], of.custom.storageVersion);
    return stored;
  }

  #batch(of: Version, entries: readonly Entry[]): readonly Promise<KubeObject>[] {
    const missing = [...new Set(entries.filter((entry) => !this.#known(entry).has(of.custom)))];
    const asked = this.#read(of, missing);
    for (const [at, entry] of missing.entries()) {
      const promise = asked.then((objects) => objects[at] as KubeObject);
      this.#known(entry).set(of.custom, promise);
      // Who comes later asks again.
      promise.catch(() => this.#known(entry).delete(of.custom));
    }
    return entries.map((entry) => this.#known(entry).get(of.custom) as Promise<KubeObject>);
  }

  async #read(of: Version, entries: readonly Entry[]): Promise<readonly KubeObject[]> {
    const { custom: { conversion }, version } = of;
    const objects = entries.map((entry) => {
      const object = asObject(JSON.parse(entry.value) as Json);
      const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(entry.revision) } };
      return versionOf(object) === version ? shownAs(of, versioned) : readAs(conversion, versioned);
    });
    return await this.#converter.convert(of, conversion, objects, version);
  }

  #known(entry: Entry): WeakMap<CustomKind, Promise<KubeObject>> {
    const known = this.#shown.get(entry) ?? new WeakMap<CustomKind, Promise<KubeObject>>();
    this.#shown.set(entry, known);
    return known;
  }
}

/** Parts of a list that are one question each. */
function* batches(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let batch: Entry[] = [];
  let size = 0;
  for (const entry of entries) {
    if (batch.length > 0 && (batch.length >= MOST_OBJECTS || size + entry.value.length > MOST_TEXT)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(entry);
    size += entry.value.length;
  }
  if (batch.length > 0) yield batch;
}
