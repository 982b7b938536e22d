import { isKind } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { shownAs } from '#cluster/kinds/custom/custom-kind.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { CompactedError } from '#store/compacted-error.ts';
import type { Entry, Store, WatchBatch } from '#store/store.ts';
import { isConverted, StoredVersions } from './custom/stored-versions.ts';
import { keyOf, prefixOf } from './object-keys.ts';
import { alreadyExists, expired, modified, notFound } from './refusals.ts';
import { noConverter, type VersionConverter } from './version-converter.ts';

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
  readonly #versions: StoredVersions;

  /** @param converter of those custom kinds whose versions differ in more than their names */
  constructor(store: Store, converter: VersionConverter = noConverter) {
    this.#store = store;
    this.#versions = new StoredVersions(converter);
  }

  async revision(): Promise<number> {
    return await this.#store.revision();
  }

  async get(of: ResourceDefinition, namespace: string | undefined, name: string): Promise<KubeObject> {
    const entry = await this.#store.get(keyOf(of, namespace, name));
    if (entry === undefined) throw notFound(of, name);
    return await this.#one(of, entry);
  }

  async find(of: ResourceDefinition, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    const entry = await this.#store.get(keyOf(of, namespace, name));
    return entry === undefined ? undefined : await this.#one(of, entry);
  }

  async list(of: ResourceDefinition, namespace: string | undefined, place: ListPlace = {}): Promise<ObjectList> {
    const { revision, entries, after, remaining } = await this.#entries(of, namespace, place);
    return { resourceVersion: String(revision), items: await this.#all(of, entries), after, remaining };
  }

  async texts(of: ResourceDefinition, namespace: string | undefined, place: ListPlace = {}): Promise<ObjectTexts> {
    const { revision, entries, after } = await this.#entries(of, namespace, place);
    if (isConverted(of)) return { revision, texts: (await this.#versions.shown(of, entries)).map((object) => JSON.stringify(asJson(object))), after };
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
    const text = await this.#textOf(of, object);
    let entry: Entry;
    try {
      entry = await this.#store.create(keyOf(of, object.metadata.namespace, object.metadata.name), text);
    } catch (thrown) {
      throw isKind(thrown, 'conflict') ? alreadyExists(of, object.metadata.name) : thrown;
    }
    return await this.#one(of, entry);
  }

  /** Only over the version that `object` was made from. */
  async update(of: ResourceDefinition, object: KubeObject): Promise<KubeObject> {
    const { name, namespace, resourceVersion } = object.metadata;
    const text = await this.#textOf(of, object);
    let entry: Entry;
    try {
      entry = await this.#store.update(keyOf(of, namespace, name), text, Number(resourceVersion));
    } catch (thrown) {
      throw isKind(thrown, 'conflict') ? modified(of, name) : isKind(thrown, 'not-found') ? notFound(of, name) : thrown;
    }
    return await this.#one(of, entry);
  }

  /** Whether an object of a custom kind is stored in another version than it would be now: whoever writes it as it is moves it to that one. */
  async isOutdated({ group, custom, ...of }: ResourceDefinition, { metadata: { namespace, name } }: KubeObject): Promise<boolean> {
    if (custom === undefined || custom.isAsStored === true) return false;
    const entry = await this.#store.get(keyOf({ ...of, group }, namespace, name));
    return entry !== undefined && (JSON.parse(entry.value) as { readonly apiVersion: string }).apiVersion !== joinApiVersion(group, custom.storageVersion);
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
    const changes = async (batch: WatchBatch): Promise<readonly ObjectChange[]> => (isConverted(of) ? await this.#convertedChanges(of, batch) : changesOf(batch, (entry) => objectOf(of, entry)));
    return {
      position: () => watch.position(),
      close: () => watch.close(),
      async *[Symbol.asyncIterator]() {
        try {
          for await (const batch of watch) yield await changes(batch);
        } catch (thrown) {
          if (thrown instanceof CompactedError) throw expired(`too old resource version: ${afterRevision}`);
          throw thrown;
        }
      },
    };
  }

  async #convertedChanges(of: Parameters<StoredVersions['shown']>[0], batch: WatchBatch): Promise<readonly ObjectChange[]> {
    const entries = batch.events.flatMap(({ entry, previous }) => [entry, previous]).filter((entry) => entry !== undefined);
    const shown = await this.#versions.shown(of, entries);
    return changesOf(batch, (entry) => shown[entries.indexOf(entry)] as KubeObject);
  }

  async #one(of: ResourceDefinition, entry: Entry): Promise<KubeObject> {
    const [object] = await this.#all(of, [entry]);
    return object as KubeObject;
  }

  async #all(of: ResourceDefinition, entries: readonly Entry[]): Promise<readonly KubeObject[]> {
    return isConverted(of) ? await this.#versions.shown(of, entries) : entries.map((entry) => objectOf(of, entry));
  }

  async #textOf(of: ResourceDefinition, object: KubeObject): Promise<string> {
    return textOf(of, isConverted(of) ? await this.#versions.stored(of, object) : object);
  }
}

function changesOf({ revision, events }: WatchBatch, shown: (entry: Entry) => KubeObject): ObjectChange[] {
  return events.map(({ entry, previous }) => ({
    resourceVersion: String(revision), object: entry === undefined ? undefined : shown(entry), previous: previous === undefined ? undefined : shown(previous),
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
  return JSON.stringify({ apiVersion: custom === undefined || custom.isAsStored === true ? apiVersion : joinApiVersion(group, custom.storageVersion), kind, metadata, ...rest });
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
