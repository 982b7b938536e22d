import type { Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { Store } from './store.ts';

/** As upstream's API server has it (`--etcd-compaction-interval`). */
export const COMPACTION_INTERVAL_MS = 5 * 60_000;

export interface CompactorParts {
  readonly store: Pick<Store, 'revision' | 'compact'>;
  readonly timers: Timers;
  readonly log: (line: string) => void;
  readonly intervalMs?: number;
}

/**
 * Forgets history that is older than the interval, so that the disk holds what there is and what happened lately. Readers
 * may be up to two intervals behind, never less than one.
 */
export class Compactor {
  readonly #parts: CompactorParts;
  readonly #intervalMs: number;
  #cancel: () => void = () => undefined;
  #isClosed = false;
  /** Where the store was an interval ago. */
  #then: number | undefined;

  constructor(parts: CompactorParts) {
    this.#parts = parts;
    this.#intervalMs = parts.intervalMs ?? COMPACTION_INTERVAL_MS;
  }

  async open(): Promise<void> {
    this.#then = await this.#parts.store.revision();
    this.#arm();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #arm(): void {
    if (!this.#isClosed) this.#cancel = this.#parts.timers.after(this.#intervalMs, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    const { store, log } = this.#parts;
    try {
      const now = await store.revision();
      if (this.#then !== undefined && !this.#isClosed) await store.compact(this.#then);
      this.#then = now;
    } catch (thrown) {
      if (!this.#isClosed) log(`history was not compacted, and is tried again: ${messageOf(thrown)}`);
    }
    this.#arm();
  }
}
