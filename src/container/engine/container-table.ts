import { GantryError } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import { readContainer } from '#container/model/container-row.ts';
import type { ContainerState } from '#container/model/container-state.ts';
import { shortId, type ContainerId } from '#container/model/ids.ts';
import type { Store } from '#store/store.ts';

const PREFIX = 'container/';

/** All containers: read from memory, written through to the store before anybody is told. */
export class ContainerTable {
  readonly #store: Store;
  readonly #rows = new Map<string, Container>();
  readonly #names = new Map<string, ContainerId>();

  #version = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    for (const { value } of (await this.#store.list(PREFIX)).entries) this.#remember(readContainer(value));
  }

  /** Another one whenever a row changed. */
  get version(): number {
    return this.#version;
  }

  list(): readonly Container[] {
    return [...this.#rows.values()];
  }

  get(id: string): Container | undefined {
    return this.#rows.get(id);
  }

  idOfName(name: string): ContainerId | undefined {
    return this.#names.get(name);
  }

  /** By id, name (a leading slash is Docker's way to write one) or an id's unambiguous beginning. */
  find(reference: string): Container {
    const byId = this.#rows.get(reference);
    if (byId !== undefined) return byId;
    const named = this.#names.get(reference.replace(/^\//, ''));
    const byName = named === undefined ? undefined : this.#rows.get(named);
    if (byName !== undefined) return byName;
    const matches = /^[0-9a-f]{1,64}$/.test(reference) ? [...this.#rows.values()].filter((row) => row.spec.id.startsWith(reference)) : [];
    if (matches.length > 1) {
      throw new GantryError('invalid', `Multiple IDs found with provided prefix: ${reference}`, { hint: 'give more characters of the id' });
    }
    const only = matches[0];
    if (only === undefined) throw new GantryError('not-found', `No such container: ${reference}`);
    return only;
  }

  /** @throws GantryError conflict where another container has the name */
  assertNameFree(name: string): void {
    const holder = this.#names.get(name);
    if (holder === undefined) return;
    throw new GantryError(
      'conflict',
      `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  }

  /** Takes the name before anything is awaited: of two that ask for it at once, one gets it. */
  reserve(container: Container): void {
    this.assertNameFree(container.spec.name);
    this.#remember(container);
  }

  async put(container: Container): Promise<Container> {
    await this.#store.put(PREFIX + container.spec.id, JSON.stringify(container));
    const before = this.#rows.get(container.spec.id);
    if (before !== undefined && before.spec.name !== container.spec.name) this.#names.delete(before.spec.name);
    this.#remember(container);
    return container;
  }

  async putState(id: ContainerId, state: ContainerState): Promise<Container> {
    const row = this.#rows.get(id);
    if (row === undefined) throw new GantryError('not-found', `No such container: ${shortId(id)}`);
    return await this.put({ spec: row.spec, state });
  }

  async delete(id: ContainerId): Promise<void> {
    await this.#store.delete(PREFIX + id);
    this.forget(id);
  }

  /** Memory only: for a row that never reached the store. */
  forget(id: ContainerId): void {
    const row = this.#rows.get(id);
    if (row !== undefined && this.#names.get(row.spec.name) === id) this.#names.delete(row.spec.name);
    this.#rows.delete(id);
  }

  #remember(container: Container): void {
    this.#version += 1;
    this.#rows.set(container.spec.id, container);
    this.#names.set(container.spec.name, container.spec.id);
  }
}
