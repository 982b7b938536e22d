import type { Clock } from '#base/clock.ts';
import { isKind } from '#base/error.ts';
import type { Store } from '#store/store.ts';
import type { LayerRef } from './operation.ts';
import type { StepResult } from './result.ts';
import type { CacheRecord, StepCache } from './solver.ts';

const RECORDS = 'build/record/';
const ALIASES = 'build/alias/';
const DIGESTS = 'build/digest/';
/** A use is written down at most this often. */
const USE_RESOLUTION_NS = 60_000_000_000n;

/** A kept result, as it is stored. */
export interface StoredRecord {
  readonly key: string;
  readonly layers: readonly LayerRef[];
  readonly description: string;
  readonly createdNs: string;
  readonly usedNs: string;
  readonly uses: number;
}

export interface CachePorts {
  readonly store: Store;
  readonly clock: Clock;
  /** Whether a layer is there, by chain id. */
  readonly hasLayer: (chain: string) => Promise<boolean>;
}

/** Results of steps, on disk before anybody is told of them. Their layers stay as long as the record does. */
export class BuildCache implements StepCache<StepResult> {
  readonly #ports: CachePorts;
  /** How many records stand on each layer: all of the cache that stays in memory. */
  readonly #held = new Map<string, number>();

  private constructor(ports: CachePorts) {
    this.#ports = ports;
  }

  static async open(ports: CachePorts): Promise<BuildCache> {
    const cache = new BuildCache(ports);
    for (const record of await cache.records()) cache.#hold(record);
    return cache;
  }

  heldLayers(): Iterable<string> {
    return this.#held.keys();
  }

  async records(): Promise<readonly StoredRecord[]> {
    return (await this.#ports.store.list(RECORDS)).entries.map(({ value }) => JSON.parse(value) as StoredRecord);
  }

  async find(key: string): Promise<CacheRecord<StepResult> | undefined> {
    const { store, clock, hasLayer } = this.#ports;
    const alias = await store.get(ALIASES + key);
    const entry = await store.get(RECORDS + (alias === undefined ? key : alias.value));
    if (entry === undefined) return undefined;
    const record = JSON.parse(entry.value) as StoredRecord;
    const top = record.layers.at(-1);
    if (top !== undefined && !await hasLayer(top.chain)) {
      await this.forget(record);
      return undefined;
    }
    const now = clock.nowNs();
    if (now - BigInt(record.usedNs) > USE_RESOLUTION_NS) await store.put(RECORDS + record.key, JSON.stringify({ ...record, usedNs: String(now), uses: record.uses + 1 }));
    return { key: record.key, result: { kind: 'layers', layers: record.layers } };
  }

  /** Only layers are kept: directories of sources belong to those who bring them. */
  async put({ key, result }: CacheRecord<StepResult>, description: string): Promise<void> {
    if (result.kind !== 'layers') return;
    const { store, clock } = this.#ports;
    const old = await store.get(RECORDS + key);
    const now = String(clock.nowNs());
    const record: StoredRecord = { key, layers: result.layers, description, createdNs: now, usedNs: now, uses: 1 };
    this.#hold(record);
    await store.put(RECORDS + key, JSON.stringify(record));
    if (old !== undefined) this.#release(JSON.parse(old.value) as StoredRecord);
  }

  async alias(from: string, to: string): Promise<void> {
    if (from !== to) await this.#ports.store.put(ALIASES + from, to);
  }

  /** Digest of what a selection reads of layers, which never change. */
  async digest(of: string, compute: () => Promise<string>): Promise<string> {
    const known = await this.#ports.store.get(DIGESTS + of);
    if (known !== undefined) return known.value;
    const digest = await compute();
    await this.#ports.store.put(DIGESTS + of, digest);
    return digest;
  }

  /** The record goes; its layers stay where they are. */
  async forget({ key }: Pick<StoredRecord, 'key'>): Promise<void> {
    const { store } = this.#ports;
    try {
      const { previous } = await store.delete(RECORDS + key);
      this.#release(JSON.parse(previous.value) as StoredRecord);
    } catch (thrown) {
      if (!isKind(thrown, 'not-found')) throw thrown;
    }
  }

  /** Keys that lead to no record, and digests of layers that are gone, go too. */
  async sweepNames(): Promise<void> {
    const { store } = this.#ports;
    const keys = new Set((await this.records()).map(({ key }) => key));
    for (const { key, value } of (await store.list(ALIASES)).entries) if (!keys.has(value)) await store.delete(key).catch(() => undefined);
    if (keys.size === 0) for (const { key } of (await store.list(DIGESTS)).entries) await store.delete(key).catch(() => undefined);
  }

  #hold({ layers }: StoredRecord): void {
    for (const { chain } of layers) this.#held.set(chain, (this.#held.get(chain) ?? 0) + 1);
  }

  #release({ layers }: StoredRecord): void {
    for (const { chain } of layers) {
      const left = (this.#held.get(chain) ?? 1) - 1;
      if (left === 0) this.#held.delete(chain);
      else this.#held.set(chain, left);
    }
  }
}
