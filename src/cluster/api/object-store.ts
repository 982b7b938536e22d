import { isKind } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { shownAs } from '#cluster/kinds/custom/custom-kind.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { CompactedError } from '#store/compacted-error.ts';
import type { Entry, Store, WatchBatch } from '#store/store.ts';
import { keyOf, prefixOf } from './object-keys.ts';
import { alreadyExists, expired, modified, notFound } from './refusals.ts';

export interface ObjectList {
  readonly resourceVersion: string;
  readonly items: readonly KubeObject[];
  /** Where the limit held some back: what the next page starts after. */
  readonly after: string | undefined;
  /** How many those are, where it was asked for and is known. */
  readonly remaining?: number | undefined;
}

/** The same as JSON, each with its version. */
export interface ObjectTexts {
  readonly revision: number;
  readonly texts: readonly string[];
  readonly after: string | undefined;
}

export interface ListPlace {
  readonly limit?: number;
  readonly after?: string | undefined;
  readonly at?: number;
  readonly counts?: boolean;
}

export interface ObjectChange {
  readonly resourceVersion: string;
  /** Undefined: it was deleted. */
  readonly object: KubeObject | undefined;
  readonly previous: KubeObject | undefined;
}

/** Changes in order, each batch one transaction; `position` tells how far it is, also where nothing concerned it. */
export interface ObjectWatch extends AsyncIterable<readonly ObjectChange[]> {
  position(): number;
  close(): void;
}

/** Objects of any kind over the revisioned store: JSON without its resource version, which is the entry's revision. */
export class ObjectStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async revision(): Promise<number> {
    return await this.#store.revision();
  }

  async get(of: ResourceDefinition, namespace: string | undefined, name: string): Promise<KubeObject> {
    const entry = await this.#store.get(keyOf(of, namespace, name));
    if (entry === undefined) throw notFound(of, name);
    return objectOf(of, entry);
  }

  async find(of: ResourceDefinition, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    const entry = await this.#store.get(keyOf(of, namespace, name));
    return entry === undefined ? undefined : objectOf(of, entry);
  }

  async list(of: ResourceDefinition, namespace: string | undefined, place: ListPlace = {}): Promise<ObjectList> {
    const { revision, entries, after, remaining } = await this.#entries(of, namespace, place);
    return { resourceVersion: String(revision), items: entries.map((entry) => objectOf(of, entry)), after, remaining };
  }

  async texts(of: ResourceDefinition, namespace: string | undefined, place: ListPlace = {}): Promise<ObjectTexts> {
    const { revision, entries, after } = await this.#entries(of, namespace, place);
    const start = startOf(of);
    return { revision, texts: entries.map((entry) => shownText(of, start, entry)), after };
  }

  async #entries(of: ResourceDefinition, namespace: string | undefined, { limit, after, at, counts = false }: ListPlace): Promise<{ readonly revision: number; readonly entries: readonly Entry[]; readonly after: string | undefined; readonly remaining: number | undefined }> {
    const prefix = prefixOf(of, namespace);
    try {
      const { revision, entries, more, remaining } = await this.#store.list(prefix, { counts, ...(limit === undefined ? {} : { limit }), ...(at === undefined ? {} : { at }), ...(after === undefined ? {} : { afterKey: `${prefix}${after}` }) });
      return { revision, entries, after: more ? entries.at(-1)?.key.slice(prefix.length) : undefined, remaining };
    } catch (thrown) {
      if (thrown instanceof CompactedError) throw expired('The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.');
      throw thrown;
    }
  }

  async create(of: ResourceDefinition, object: KubeObject): Promise<KubeObject> {
    try {
      return objectOf(of, await this.#store.create(keyOf(of, object.metadata.namespace, object.metadata.name), textOf(of, object)));
    } catch (thrown) {
      throw isKind(thrown, 'conflict') ? alreadyExists(of, object.metadata.name) : thrown;
    }
  }

  /** Only over the version that `object` was made from. */
  async update(of: ResourceDefinition, object: KubeObject): Promise<KubeObject> {
    const { name, namespace, resourceVersion } = object.metadata;
    try {
      return objectOf(of, await this.#store.update(keyOf(of, namespace, name), textOf(of, object), Number(resourceVersion)));
    } catch (thrown) {
      throw isKind(thrown, 'conflict') ? modified(of, name) : isKind(thrown, 'not-found') ? notFound(of, name) : thrown;
    }
  }

  /** @returns the object as it last was, with the version of its deletion */
  async delete(of: ResourceDefinition, object: KubeObject): Promise<KubeObject> {
    const { name, namespace, resourceVersion } = object.metadata;
    try {
      const { revision } = await this.#store.delete(keyOf(of, namespace, name), Number(resourceVersion));
      return withVersion(object, String(revision));
    } catch (thrown) {
      throw isKind(thrown, 'conflict') ? modified(of, name) : isKind(thrown, 'not-found') ? notFound(of, name) : thrown;
    }
  }

  watch(of: ResourceDefinition, namespace: string | undefined, afterRevision: number): ObjectWatch {
    const watch = this.#store.watch(prefixOf(of, namespace), afterRevision);
    return {
      position: () => watch.position(),
      close: () => watch.close(),
      async *[Symbol.asyncIterator]() {
        try {
          for await (const batch of watch) yield changesOf(of, batch);
        } catch (thrown) {
          if (thrown instanceof CompactedError) throw expired(`too old resource version: ${afterRevision}`);
          throw thrown;
        }
      },
    };
  }
}

function changesOf(of: ResourceDefinition, { revision, events }: WatchBatch): ObjectChange[] {
  return events.map(({ entry, previous }) => ({
    resourceVersion: String(revision), object: entry === undefined ? undefined : objectOf(of, entry), previous: previous === undefined ? undefined : objectOf(of, previous),
  }));
}

/** What everybody who watches is shown is read once. */
const read = new WeakMap<Entry, KubeObject>();

function objectOf(of: ResourceDefinition, entry: Entry): KubeObject {
  // A custom kind is shown in the version that is asked for.
  const known = of.custom === undefined ? read.get(entry) : undefined;
  const object = known ?? withVersion(shownAs(of, asObject(JSON.parse(entry.value) as Json)), String(entry.revision));
  if (of.custom === undefined && known === undefined) read.set(entry, object);
  return of.face === undefined ? object : of.face.shown(object);
}

export function withVersion(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

/** A custom kind has one version in which its objects are stored, whichever they were written in. */
function textOf({ group, custom, face }: ResourceDefinition, object: KubeObject): string {
  const { apiVersion, kind, metadata: { resourceVersion: _version, ...metadata }, ...rest } = face === undefined ? object : face.stored(object);
  return JSON.stringify({ apiVersion: custom === undefined ? apiVersion : joinApiVersion(group, custom.storageVersion), kind, metadata, ...rest });
}

/** What the text of an object of the kind begins with, up to its first metadata: there goes the version. */
function startOf({ group, version, kind }: ResourceDefinition): string {
  return JSON.stringify({ apiVersion: joinApiVersion(group, version), kind, metadata: {} }).slice(0, -2);
}

function shownText(of: ResourceDefinition, start: string, entry: Entry): string {
  // Another form is an older version's, or of a kind with several.
  if (of.custom !== undefined || !entry.value.startsWith(`${start}"`)) return JSON.stringify(asJson(objectOf(of, entry)));
  return `${start}"resourceVersion":"${entry.revision}",${entry.value.slice(start.length)}`;
}
