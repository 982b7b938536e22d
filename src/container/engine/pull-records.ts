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
      if (isOld(row, nowNs)) await this.#store.delete(key);
      else this.#rows.set(key, row);
    }
  }

  /**
   * Gives up pulls that are not under way: those that are too old, or all of them where there is no `nowNs`. Answers the chain
   * ids of their layers.
   */
  async drop(nowNs: bigint | undefined, isUnderWay: (chains: readonly string[]) => boolean): Promise<readonly string[]> {
    const given = [...this.#rows].filter(([, row]) => (nowNs === undefined || isOld(row, nowNs)) && !isUnderWay(row.chains));
    for (const [key] of given) this.#rows.delete(key);
    // One that begins anew meanwhile writes its own.
    for (const [key] of given) if (!this.#rows.has(key)) await this.#store.delete(key);
    return given.flatMap(([, row]) => row.chains);
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

function isOld({ atNs }: Row, nowNs: bigint): boolean {
  return nowNs - BigInt(atNs) > KEPT_HOURS * NS_PER_HOUR;
}
