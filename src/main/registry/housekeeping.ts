import type { Clock } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { CacheEviction } from '#image/registry/server/cache-eviction.ts';
import type { RegistryMetrics } from '#image/registry/server/metrics.ts';
import type { StoredContent } from '#image/registry/server/stored-content.ts';
import { Rounds } from './rounds.ts';

export interface HousekeepingParts {
  readonly content: StoredContent;
  /** Of a pull-through cache. */
  readonly eviction: CacheEviction | undefined;
  /** From one collection to the next; 0: only after an eviction. */
  readonly collectEveryMs: number;
  readonly graceMs: number;
  readonly clock: Clock;
  readonly metrics: RegistryMetrics;
  readonly log: (line: string) => void;
}

/** How often a cache that grew is looked at, and one that did not; and with each collection. */
const LOOK_EVERY_MS = 10_000;
const LOOK_AT_REST_MS = 60_000;
/** A timer may be so much too early. */
const EARLY_MS = 50;

/** What a registry does by itself: a cache keeps its limits, and what no manifest needs goes. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #rounds: Rounds;
  #collectedMs: number;
  #lookedMs = -Infinity;
  #hasGrown = true;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    const { collectEveryMs, eviction, clock, log } = parts;
    this.#collectedMs = clock.monotonicMs();
    const everyMs = eviction === undefined ? collectEveryMs : Math.min(LOOK_EVERY_MS, collectEveryMs === 0 ? Infinity : collectEveryMs);
    this.#rounds = new Rounds(everyMs, () => this.#round().catch((thrown: unknown) => log(`collection: ${messageOf(thrown)}`)));
  }

  grew(): void {
    this.#hasGrown = true;
  }

  end(): Promise<void> {
    return this.#rounds.end();
  }

  async #round(): Promise<void> {
    const { clock, collectEveryMs } = this.#parts;
    const nowMs = clock.monotonicMs();
    const isDue = collectEveryMs !== 0 && nowMs - this.#collectedMs >= collectEveryMs - EARLY_MS;
    const isToLook = isDue || this.#hasGrown || nowMs - this.#lookedMs >= LOOK_AT_REST_MS;
    if (isToLook && await this.#evict(nowMs) > 0 || isDue) await this.#collect(nowMs);
  }

  async #evict(nowMs: number): Promise<number> {
    this.#hasGrown = false;
    this.#lookedMs = nowMs;
    return await this.#parts.eviction?.run() ?? 0;
  }

  async #collect(nowMs: number): Promise<void> {
    const { content, clock, graceMs, metrics, log } = this.#parts;
    this.#collectedMs = nowMs;
    const freed = await content.collect(Number(clock.nowNs() / 1_000_000n), graceMs);
    metrics.collected(freed);
    if (freed > 0) log(`collected ${freed} bytes`);
  }
}
