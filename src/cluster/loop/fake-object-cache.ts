import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf } from './controller.ts';
import type { CacheListener, ObjectCache } from './object-cache.ts';

/** An `ObjectCache` whose objects are changed by hand, for tests of those who listen to one. */
export class FakeObjectCache implements Pick<ObjectCache, 'onChange' | 'list' | 'get'> {
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners: CacheListener[] = [];

  put(object: KubeObject): void {
    const previous = this.#objects.get(keyOf(object));
    this.#objects.set(keyOf(object), object);
    for (const listener of this.#listeners) listener(object, previous);
  }

  remove(object: KubeObject): void {
    this.#objects.delete(keyOf(object));
    for (const listener of this.#listeners) listener(object, object);
  }

  onChange(listener: CacheListener): void {
    this.#listeners.push(listener);
  }

  list(namespace?: string): readonly KubeObject[] {
    return [...this.#objects.values()].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(namespace === undefined ? name : `${namespace}/${name}`);
  }
}
