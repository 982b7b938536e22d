import { GantryError } from '#base/error.ts';
import type { Clock } from '#base/clock.ts';
import { withHappening, type Happening, type HappeningKind } from '#container/model/happening.ts';
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

  readonly #clock: Clock;
  /** What happened since a row was last written: it goes to disk with the next write, and costs none of its own. */
  readonly #unwritten = new Map<string, readonly Happening[]>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
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

  /** One link more for the chain that tells why a container is as it is. */
  note(id: string, happening: HappeningKind): void {
    this.#unwritten.set(id, withHappening(this.#unwritten.get(id) ?? [], { atNs: String(this.#clock.nowNs()), ...happening }));
  }

  /** The row with all of its chain. */
  chronicle(id: ContainerId): Container {
    return this.#withHistory(this.find(id));
  }

  #withHistory({ spec, state }: Container): Container {
    // The row's own chain, for the state at hand may have been made from an older one.
    const history = (this.#unwritten.get(spec.id) ?? []).reduce(withHappening, this.#rows.get(spec.id)?.state.history ?? state.history ?? []);
    return history.length === 0 ? { spec, state } : { spec, state: { ...state, history } };
  }

  async put(given: Container): Promise<Container> {
    const container = this.#withHistory(given);
    const { id } = given.spec;
    const written = this.#unwritten.get(id) ?? [];
    this.#unwritten.delete(id);
    try {
      await this.#store.put(PREFIX + id, JSON.stringify(container));
    } catch (thrown) {
      if (written.length > 0) this.#unwritten.set(id, (this.#unwritten.get(id) ?? []).reduce(withHappening, written));
      throw thrown;
    }
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
    this.#unwritten.delete(id);
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
