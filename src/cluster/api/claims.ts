import { isKind } from '#base/error.ts';
import type { Entry, Store } from '#store/store.ts';

const PREFIX = 'claims/';

/** What one owner has to itself: who claims first has it, also among several servers over one store. */
export interface Claim {
  readonly what: string;
  /** A uid. */
  readonly owner: string;
  readonly atMs: number;
}

/** Things of which each is somebody's or nobody's: addresses and ports of services. */
export class Claims {
  readonly #store: Store;
  /** Those known to be taken: a hint that spares the store the attempts of one who looks for a free one. */
  readonly #taken = new Set<string>();
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  async open(): Promise<readonly Claim[]> {
    const { entries } = await this.#store.list(PREFIX);
    const claims = entries.map(claimOf);
    for (const { what } of claims) this.#taken.add(what);
    return claims;
  }

  isTaken(what: string): boolean {
    return this.#taken.has(what);
  }

  /** @returns whether it is the owner's now, or was already */
  async take({ what, owner, atMs }: Claim): Promise<boolean> {
    await this.#releasing.get(what);
    try {
      await this.#store.create(`${PREFIX}${what}`, JSON.stringify({ owner, atMs }));
      this.#taken.add(what);
      return true;
    } catch (thrown) {
      if (!isKind(thrown, 'conflict')) throw thrown;
      this.#taken.add(what);
      const present = await this.#store.get(`${PREFIX}${what}`);
      return present !== undefined && claimOf(present).owner === owner;
    }
  }

  /** Nothing where it is not the owner's. Whoever takes it from now on waits for it. */
  release(what: string, owner: string): Promise<void> {
    const released = this.#release(`${PREFIX}${what}`, owner).finally(() => this.#releasing.delete(what));
    this.#releasing.set(what, released);
    return released;
  }

  async list(): Promise<readonly Claim[]> {
    return (await this.#store.list(PREFIX)).entries.map(claimOf);
  }

  async #release(key: string, owner: string): Promise<void> {
    const present = await this.#store.get(key);
    if (present === undefined || claimOf(present).owner !== owner) return;
    this.#taken.delete(key.slice(PREFIX.length));
    await this.#store.delete(key, present.revision);
  }
}

function claimOf({ key, value }: Entry): Claim {
  return { what: key.slice(PREFIX.length), ...JSON.parse(value) as { owner: string; atMs: number } };
}
