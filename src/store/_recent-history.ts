import type { HistoryPage } from './_watch-hub.ts';
import type { WatchBatch } from './store.ts';

const MAX_BATCHES = 4096;
const MAX_CHARACTERS = 8 << 20;

/** The last batches of a store whose history is far away, so that a watch which is a little behind need not ask there. */
export class RecentHistory {
  #batches: WatchBatch[] = [];
  #characters = 0;
  /** It has all that came after this revision. */
  #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  push(batch: WatchBatch): void {
    this.#batches.push(batch);
    this.#characters += sizeOf(batch);
    if (this.#batches.length <= MAX_BATCHES && this.#characters <= MAX_CHARACTERS) return;
    // Half of it at a time, so that dropping costs little.
    const dropped = this.#batches.splice(0, Math.ceil(this.#batches.length / 2));
    this.#start = (dropped.at(-1) as WatchBatch).revision;
    for (const each of dropped) this.#characters -= sizeOf(each);
  }

  /** Batches from before the revision were missed. */
  restart(start: number): void {
    this.#batches = [];
    this.#characters = 0;
    this.#start = start;
  }

  /** @param current the revision that it goes up to. @returns undefined where it does not reach back so far */
  read(prefix: string, afterRevision: number, limit: number, current: number): HistoryPage | undefined {
    if (afterRevision < this.#start) return undefined;
    const batches: WatchBatch[] = [];
    let found = 0;
    for (let index = this.#indexAfter(afterRevision); index < this.#batches.length; index++) {
      const batch = this.#batches[index] as WatchBatch;
      const events = batch.events.filter(({ key }) => key.startsWith(prefix));
      if (events.length === 0) continue;
      batches.push({ revision: batch.revision, events });
      found += events.length;
      if (found >= limit) return { batches, upTo: batch.revision };
    }
    return { batches, upTo: current };
  }

  #indexAfter(revision: number): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle] as WatchBatch).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sizeOf({ events }: WatchBatch): number {
  return events.reduce((size, { entry, previous }) => size + (entry?.value.length ?? 0) + (previous?.value.length ?? 0), 0);
}
