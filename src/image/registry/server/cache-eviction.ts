import type { Clock } from '#base/clock.ts';
import { isFull, planEviction, type Candidate, type DiskUse, type Watermarks } from '#image/blob/eviction.ts';
import type { BlobStore } from '#image/blob/port.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { StoredContent } from './stored-content.ts';

/** One bound of a cache. */
export interface CacheLimit {
  /** What fills, as it stands in the log: `the cache`. */
  readonly what: string;
  /** @param bytes all that the cache has */
  readonly use: (bytes: number) => Promise<DiskUse>;
  readonly watermarks: Omit<Watermarks, 'graceNs'>;
}

export interface CacheEvictionParts {
  readonly content: StoredContent;
  readonly blobs: BlobStore;
  readonly limits: readonly CacheLimit[];
  /** For so long what was asked for stays: a client that was given a manifest comes for its layers. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly metrics: { cacheHolds(bytes: number): void; evicted(bytes: number): void };
  readonly log: (line: string) => void;
}

/** Keeps a pull-through cache within its limits: images go as a whole, first those that were asked for longest ago. */
export class CacheEviction {
  readonly #parts: CacheEvictionParts;
  readonly #told = new Map<CacheLimit, string>();

  constructor(parts: CacheEvictionParts) {
    this.#parts = parts;
  }

  /** Answers how many manifests went. What only they needed is for the next collection. */
  async run(): Promise<number> {
    const { blobs, limits, metrics } = this.#parts;
    const sizes = new Map<string, number>();
    for await (const { digest, size } of blobs.list()) sizes.set(digest, size);
    metrics.cacheHolds(sum(sizes.values()));
    let gone = 0;
    for (const limit of limits) gone += await this.#keep(limit, sizes);
    return gone;
  }

  async #keep(limit: CacheLimit, sizes: ReadonlyMap<string, number>): Promise<number> {
    const { content, clock, graceMs, metrics, log } = this.#parts;
    const watermarks = { ...limit.watermarks, graceNs: BigInt(graceMs) * 1_000_000n };
    const bytes = sum(sizes.values());
    const use = await limit.use(bytes);
    const candidates = isFull(use, watermarks) ? await this.#candidates(sizes) : new Map<string, CachedManifest>();
    const held = new Map([...candidates.values()].flatMap(({ parts }) => parts.map((part) => [part.id, part.bytes] as const)));
    const nowNs = clock.nowNs();
    // What no manifest needs is on its way out.
    const plan = planEviction(limit.what, { total: use.total, free: use.free + bytes - sum(held.values()) }, watermarks, [...candidates.values()], nowNs);
    let gone = 0;
    for (const { id, bytes: freed, cause } of plan.steps) {
      const { repository, digest } = candidates.get(id)!;
      if (!await content.removeUnusedManifest(repository, digest, Number(nowNs / 1_000_000n), graceMs)) continue;
      metrics.evicted(freed);
      log(`evicted ${id} (${freed} bytes): ${cause}`);
      gone += 1;
    }
    const told = plan.shortfall ?? '';
    if (told !== '' && told !== this.#told.get(limit)) log(told);
    this.#told.set(limit, told);
    return gone;
  }

  async #candidates(sizes: ReadonlyMap<string, number>): Promise<Map<string, CachedManifest>> {
    const found = new Map<string, CachedManifest>();
    for await (const { repository, digest, named } of this.#parts.content.manifests()) {
      const id = `${repository}@${digest}`;
      // What an index lists is there by manifests of its own, which go by their own use.
      const parts = [digest, ...named].map((part) => ({ id: part, bytes: sizes.get(part) ?? 0 }));
      found.set(id, { id, repository, digest, parts, isKept: false, lastUsedNs: BigInt(Math.trunc(await this.#parts.blobs.usedMs(digest) ?? 0)) * 1_000_000n });
    }
    return found;
  }
}

interface CachedManifest extends Candidate {
  readonly repository: string;
  readonly digest: Digest;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
