import type { Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import { asStored } from '#cluster/kinds/custom/custom-kind.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ObjectStore, ObjectWatch } from '#cluster/api/object-store.ts';
import { keyOf } from './controller.ts';
import { ObjectIndex, type Index } from './object-index.ts';
import { UidIndex } from './uid-index.ts';

export type CacheListener = (object: KubeObject, previous: KubeObject | undefined) => void;

export interface Retry {
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

const RETRY_MS = 1000;

/** The objects of one resource, kept as the store has them; listeners hear of each change after it is in. */
export class ObjectCache {
  readonly of: ResourceDefinition;
  readonly #objects: ObjectStore;
  readonly #byNamespace = new Map<string, Map<string, KubeObject>>();
  readonly #uids = new UidIndex();
  readonly #indexes = new Map<Index, ObjectIndex>();
  readonly #listeners: CacheListener[] = [];
  readonly #onProgress: () => void;
  readonly #retry: Retry;
  #watch: ObjectWatch | undefined;
  #listed = 0;
  #isClosed = false;

  /** @param onProgress the position moved, or may have */
  constructor(of: ResourceDefinition, objects: ObjectStore, onProgress: () => void, retry: Retry) {
    // What controllers look at is the same in all versions, and they go on where nobody can be asked for the rest.
    this.of = asStored(of);
    this.#retry = retry;
    this.#objects = objects;
    this.#onProgress = onProgress;
  }

  onChange(listener: CacheListener): void {
    this.#listeners.push(listener);
  }

  list(namespace?: string): readonly KubeObject[] {
    if (namespace !== undefined) return [...this.#byNamespace.get(namespace)?.values() ?? []];
    return [...this.#byNamespace.values()].flatMap((objects) => [...objects.values()]);
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#byNamespace.get(namespace ?? '')?.get(name);
  }

  byUid(uid: string): KubeObject | undefined {
    return this.#uids.byUid(uid);
  }

  ownedBy(uid: string): readonly KubeObject[] {
    return this.#uids.ownedBy(uid);
  }

  indexed(index: Index, key: string): ReadonlySet<KubeObject> {
    const known = this.#indexes.get(index) ?? new ObjectIndex(index);
    if (!this.#indexes.has(index)) {
      for (const object of this.list()) known.change(object, undefined);
      this.#indexes.set(index, known);
    }
    return known.find(key);
  }

  /** Everything up to this revision is in. */
  position(): number {
    return Math.max(this.#listed, this.#watch?.position() ?? 0);
  }

  /** Lists, and then follows until closed; lists again where the watch fell too far behind. */
  async open(): Promise<void> {
    await this.#fill();
    void this.#follow();
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }

  async #fill(): Promise<void> {
    const { items, resourceVersion } = await this.#objects.list(this.of, undefined);
    const present = new Set(items.map(keyOf));
    for (const gone of this.list().filter((object) => !present.has(keyOf(object)))) this.#take(undefined, gone);
    for (const object of items) {
      const previous = this.get(object.metadata.namespace, object.metadata.name);
      if (previous?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#take(object, previous);
    }
    this.#listed = Number(resourceVersion);
    this.#watch = this.#objects.watch(this.of, undefined, this.#listed);
    this.#onProgress();
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed && this.#watch !== undefined) {
      try {
        for await (const changes of this.#watch) {
          for (const { object, previous } of changes) this.#take(object, previous);
          this.#onProgress();
        }
        return;
      } catch {
        // The history it stood in was compacted away.
        await this.#fillAgain();
      }
    }
  }

  /** A store elsewhere may not be there for a while. */
  async #fillAgain(): Promise<void> {
    const { timers, log } = this.#retry;
    while (!this.#isClosed) {
      try {
        return await this.#fill();
      } catch (thrown) {
        log(`${this.of.plural} are as they were, and are listed again: ${messageOf(thrown)}`);
        await new Promise<void>((resolve) => void timers.after(RETRY_MS, resolve));
      }
    }
  }

  #take(object: KubeObject | undefined, previous: KubeObject | undefined): void {
    const { metadata } = object ?? previous ?? { metadata: { name: '', namespace: undefined } };
    const before = this.get(metadata.namespace, metadata.name);
    this.#uids.change(object, before);
    for (const index of this.#indexes.values()) index.change(object, before);
    const objects = this.#byNamespace.get(metadata.namespace ?? '') ?? new Map<string, KubeObject>();
    this.#byNamespace.set(metadata.namespace ?? '', objects);
    if (object === undefined) objects.delete(metadata.name);
    else objects.set(metadata.name, object);
    const told = object ?? previous;
    if (told !== undefined) for (const listener of this.#listeners) listener(told, previous);
  }
}
