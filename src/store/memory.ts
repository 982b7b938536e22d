import { GantryError } from '#base/error.ts';
import { checkHappened, checkReadable, checkStart } from './_check-revision.ts';
import { checkOps, decide } from './_decide.ts';
import { HubStore } from './_hub-store.ts';
import { checkKey, checkPrefix, startOfList } from './_keys.ts';
import { WatchHub, type HistoryPage } from './_watch-hub.ts';
import type { Entry, EntryList, ListOptions, WatchBatch, WatchEvent, WriteOp } from './store.ts';

/** One state of a key; no entry when it is deleted. */
interface Version {
  readonly revision: number;
  readonly entry: Entry | undefined;
}

/** The store of tests and the simulator. Everything is gone with the process. */
export class MemoryStore extends HubStore {
  /** Sorted; includes keys that are deleted until that is compacted. */
  #keys: string[] = [];
  readonly #versions = new Map<string, Version[]>();
  #log: WatchBatch[] = [];
  #revision = 0;
  #compacted = 0;
  #closed = false;
  protected override readonly hub = new WatchHub({
    current: () => this.#revision,
    compacted: () => this.#compacted,
    read: (prefix, afterRevision, limit) => this.#history(prefix, afterRevision, limit),
  });

  async revision(): Promise<number> {
    this.checkUsable();
    return this.#revision;
  }

  async get(key: string, at?: number): Promise<Entry | undefined> {
    this.checkUsable();
    checkKey(key);
    const revision = at ?? this.#revision;
    checkReadable(revision, this.#compacted, this.#revision);
    return this.#entry(key, revision);
  }

  async list(prefix: string, { at, limit = Infinity, afterKey, counts = false }: ListOptions = {}): Promise<EntryList> {
    this.checkUsable();
    checkPrefix(prefix);
    const revision = at ?? this.#revision;
    checkReadable(revision, this.#compacted, this.#revision);
    const entries: Entry[] = [];
    let remaining = 0;
    for (let index = this.#indexOf(startOfList(prefix, afterKey)); this.#keys[index]?.startsWith(prefix); index++) {
      const entry = this.#entry(this.#keys[index]!, revision);
      if (entry === undefined) continue;
      if (entries.length < limit) entries.push(entry);
      else if (counts) remaining += 1;
      else return { revision, entries, more: true };
    }
    return { revision, entries, more: remaining > 0, ...(counts ? { remaining } : {}) };
  }

  async compact(revision: number): Promise<void> {
    this.checkUsable();
    checkHappened(revision, this.#revision);
    if (revision <= this.#compacted) return;
    for (const batch of this.#log) {
      if (batch.revision > revision) break;
      for (const { key } of batch.events) this.#forget(key, revision);
    }
    this.#keys = this.#keys.filter((key) => this.#versions.has(key));
    this.#log = this.#log.filter((batch) => batch.revision > revision);
    this.#compacted = revision;
  }

  async startAfter(revision: number): Promise<void> {
    this.checkUsable();
    checkStart(revision, this.#keys.every((key) => this.#entry(key, this.#revision) === undefined), 'the store');
    this.#revision = Math.max(this.#revision, revision);
    await this.compact(this.#revision);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.hub.close();
  }

  protected override checkUsable(): void {
    if (this.#closed) throw new GantryError('unavailable', 'the store is closed');
  }

  protected override latest(): number {
    return this.#revision;
  }

  protected override async write(ops: readonly WriteOp[]): Promise<WatchBatch> {
    this.checkUsable();
    checkOps(ops);
    const changes = decide(ops, (key) => this.#entry(key, this.#revision));
    if (changes.length === 0) return { revision: this.#revision, events: [] };
    const revision = ++this.#revision;
    const events = changes.map(({ key, value, previous }): WatchEvent => {
      const entry = value === undefined ? undefined : { key, value, revision, created: previous?.created ?? revision };
      const versions = this.#versions.get(key);
      if (versions === undefined) {
        this.#versions.set(key, [{ revision, entry }]);
        this.#keys.splice(this.#indexOf(key), 0, key);
      } else {
        versions.push({ revision, entry });
      }
      return { key, entry, previous };
    });
    const batch = { revision, events };
    this.#log.push(batch);
    this.hub.publish(batch);
    return batch;
  }

  #entry(key: string, at: number): Entry | undefined {
    return this.#versions.get(key)?.findLast((version) => version.revision <= at)?.entry;
  }

  #forget(key: string, revision: number): void {
    const versions = this.#versions.get(key) ?? [];
    const kept = versions.findLastIndex((version) => version.revision <= revision);
    if (kept < 0) return;
    versions.splice(0, versions[kept]!.entry === undefined ? kept + 1 : kept);
    if (versions.length === 0) this.#versions.delete(key);
  }

  #history(prefix: string, afterRevision: number, limit: number): HistoryPage {
    const batches: WatchBatch[] = [];
    let found = 0;
    // Revisions in the log are dense: each transaction that changes something adds one, and it begins after what is compacted.
    for (const batch of this.#log.slice(Math.max(0, afterRevision - this.#compacted))) {
      const events = batch.events.filter((event) => event.key.startsWith(prefix));
      if (events.length === 0) continue;
      batches.push({ revision: batch.revision, events });
      found += events.length;
      if (found >= limit) return { batches, upTo: batch.revision };
    }
    return { batches, upTo: this.#revision };
  }

  /** Where the key is or would be. */
  #indexOf(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
