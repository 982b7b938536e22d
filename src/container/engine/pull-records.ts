import type { Store } from '#store/store.ts';

const PREFIX = 'pull/';
const NS_PER_HOUR = 3_600_000_000_000n;
const KEPT_HOURS = 24n;

interface Row { readonly chains: readonly string[]; readonly atNs: string }

/** Pulls that have begun: their layers stay, for a day, although no image has them yet, so that the next attempt goes on from there. */
export class PullRecords {
  readonly #store: Store;
  readonly #rows = new Map<string, Row>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Records that are too old go. */
  async load(nowNs: bigint): Promise<void> {
    for (const { key, value } of (await this.#store.list(PREFIX)).entries) {
      const row = JSON.parse(value) as Row;
      if (nowNs - BigInt(row.atNs) > KEPT_HOURS * NS_PER_HOUR) await this.#store.delete(key);
      else this.#rows.set(key, row);
    }
  }

  async begin(name: string, chains: readonly string[], nowNs: bigint): Promise<void> {
    const row: Row = { chains, atNs: String(nowNs) };
    await this.#store.put(PREFIX + name, JSON.stringify(row));
    this.#rows.set(PREFIX + name, row);
  }

  async end(name: string): Promise<void> {
    if (this.#rows.delete(PREFIX + name)) await this.#store.delete(PREFIX + name);
  }

  chains(): string[] {
    return [...this.#rows.values()].flatMap((row) => row.chains);
  }
}
