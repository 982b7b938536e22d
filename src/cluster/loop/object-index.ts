import type { KubeObject } from '#cluster/kinds/object.ts';

/** Under which keys objects of one resource are found (client-go's indexers). One value for each index: it is known by its identity. */
export interface Index {
  keysOf(object: KubeObject): readonly string[];
}

const NOBODY: ReadonlySet<KubeObject> = new Set();

/** The objects of one resource by the keys of an index. */
export class ObjectIndex {
  readonly #index: Index;
  readonly #byKey = new Map<string, Set<KubeObject>>();

  constructor(index: Index) {
    this.#index = index;
  }

  find(key: string): ReadonlySet<KubeObject> {
    return this.#byKey.get(key) ?? NOBODY;
  }

  /** One of both may be missing: it is new, or gone. */
  change(object: KubeObject | undefined, previous: KubeObject | undefined): void {
    if (previous !== undefined) {
      for (const key of this.#index.keysOf(previous)) {
        const found = this.#byKey.get(key);
        found?.delete(previous);
        if (found?.size === 0) this.#byKey.delete(key);
      }
    }
    if (object === undefined) return;
    for (const key of this.#index.keysOf(object)) {
      const found = this.#byKey.get(key) ?? new Set<KubeObject>();
      this.#byKey.set(key, found);
      found.add(object);
    }
  }
}
