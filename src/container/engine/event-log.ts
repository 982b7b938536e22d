import type { Clock } from '#base/clock.ts';
import type { EngineEvent } from '#container/model/event.ts';
import type { EventFeed } from './port.ts';

/** Docker keeps as many, and clients that resume with `since` count on it. */
const KEPT = 256;

/** Recent events in order, and who wants to know of the next. */
export class EventLog implements EventFeed {
  readonly #clock: Clock;
  readonly #recent: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(type: EngineEvent['type'], action: string, id: string, attributes: Readonly<Record<string, string>>): void {
    const event: EngineEvent = { timeNs: this.#clock.nowNs(), type, action, id, attributes };
    this.#recent.push(event);
    if (this.#recent.length > KEPT) this.#recent.shift();
    for (const listener of this.#listeners) listener(event);
  }

  pruned(type: EngineEvent['type'], reclaimedBytes: number): void {
    this.emit(type, 'prune', '', { reclaimed: String(reclaimedBytes) });
  }

  subscribe(options: { sinceNs?: bigint }, callback: (event: EngineEvent) => void): () => void {
    const { sinceNs } = options;
    if (sinceNs !== undefined) for (const event of this.#recent) if (event.timeNs >= sinceNs) callback(event);
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }
}
