import { CompactedError } from './compacted-error.ts';
import type { Watch, WatchBatch } from './store.ts';

/** The past, which a watch reads until it has caught up with the present. */
export interface History {
  /** Of the last batch that was published, or a later one that has nothing to publish. */
  current(): number;
  compacted(): number;
  /** Whole batches after the revision, oldest first, of about `limit` events. */
  read(prefix: string, afterRevision: number, limit: number): HistoryPage | Promise<HistoryPage>;
}

export interface HistoryPage {
  readonly batches: readonly WatchBatch[];
  /** The page shows everything up to this revision. */
  readonly upTo: number;
}

/** A reader that is further behind reads from the history again instead of holding memory. */
const MAX_QUEUED_BATCHES = 128;
const HISTORY_PAGE_EVENTS = 256;

/** Hands each transaction to the watches that it concerns. */
export class WatchHub {
  readonly #history: History;
  readonly #watches = new Set<HubWatch>();

  constructor(history: History) {
    this.#history = history;
  }

  watch(prefix: string, afterRevision: number): Watch {
    const watch = new HubWatch(this.#history, prefix, afterRevision, () => void this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }

  /** To be called for each transaction in order, after it is part of the history. */
  publish(batch: WatchBatch): void {
    for (const watch of this.#watches) watch.offer(batch);
  }

  /** Batches were missed: what each watch lacks has to come from the history, or is gone. */
  fallBehind(): void {
    for (const watch of this.#watches) watch.fallBehind();
  }

  close(): void {
    for (const watch of [...this.#watches]) watch.close();
  }
}

class HubWatch implements Watch {
  readonly #history: History;
  readonly #prefix: string;
  readonly #onClose: () => void;
  #queue: WatchBatch[] = [];
  /** The last batch that the reader has. */
  #delivered: number;
  /** Whether the queue and what comes to it is all that is missing, or the history must be read. */
  #live: boolean;
  /** Up to where the queue goes, while not live. */
  #queuedTo: number;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(history: History, prefix: string, afterRevision: number, onClose: () => void) {
    this.#history = history;
    this.#prefix = prefix;
    this.#onClose = onClose;
    this.#delivered = afterRevision;
    this.#queuedTo = afterRevision;
    this.#live = afterRevision >= history.current();
  }

  position(): number {
    if (this.#queue.length > 0) return this.#delivered;
    return this.#live && !this.#closed ? Math.max(this.#delivered, this.#history.current()) : Math.max(this.#delivered, this.#queuedTo);
  }

  offer(batch: WatchBatch): void {
    if (!this.#live || batch.revision <= this.#delivered) return;
    const events = batch.events.filter((event) => event.key.startsWith(this.#prefix));
    if (events.length === 0) return;
    // All before it was delivered or concerned nobody: a long quiet watch must not count as one that is behind.
    if (this.#queue.length === 0) this.#delivered = batch.revision - 1;
    if (this.#queue.length >= MAX_QUEUED_BATCHES) {
      this.#queue = [];
      this.#queuedTo = this.#delivered;
      this.#live = false;
      return;
    }
    this.#queue.push(events.length === batch.events.length ? batch : { revision: batch.revision, events });
    this.#wake();
  }

  fallBehind(): void {
    if (!this.#live) return;
    this.#queuedTo = this.#queue.length > 0 ? this.#delivered : this.position();
    this.#queue = [];
    this.#live = false;
    this.#wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#queuedTo = this.position();
    this.#closed = true;
    this.#queue = [];
    this.#onClose();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchBatch, void, undefined> {
    try {
      while (!this.#closed) {
        if (this.#queue.length === 0 && !this.#live) {
          const page = this.#readHistory();
          // Where nothing has to be waited for, nothing is.
          this.#turnTo(page instanceof Promise ? await page : page);
        }
        const batch = this.#take();
        if (batch !== undefined) yield batch;
        else if (this.#live) await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.close();
    }
  }

  #take(): WatchBatch | undefined {
    const batch = this.#queue.shift();
    if (batch !== undefined) this.#delivered = batch.revision;
    return batch;
  }

  #readHistory(): HistoryPage | Promise<HistoryPage> {
    const compacted = this.#history.compacted();
    if (this.#queuedTo < compacted) throw new CompactedError(this.#queuedTo, compacted);
    return this.#history.read(this.#prefix, this.#queuedTo, HISTORY_PAGE_EVENTS);
  }

  #turnTo(page: HistoryPage): void {
    if (this.#closed) return;
    this.#queue = [...page.batches];
    this.#queuedTo = page.upTo;
    this.#live = page.upTo >= this.#history.current();
  }
}
