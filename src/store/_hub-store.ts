import { checkHappened } from './_check-revision.ts';
import { checkPrefix } from './_keys.ts';
import type { WatchHub } from './_watch-hub.ts';
import type { Deleted, Entry, EntryList, ListOptions, Store, Watch, WatchBatch, WriteOp } from './store.ts';

/** What all stores have in common: writes of one key are transactions of one operation, and watches hang on the hub of the process. */
export abstract class HubStore implements Store {
  protected abstract readonly hub: WatchHub;

  abstract revision(): Promise<number>;
  abstract get(key: string, at?: number): Promise<Entry | undefined>;
  abstract list(prefix: string, options?: ListOptions): Promise<EntryList>;
  abstract compact(revision: number): Promise<void>;
  abstract startAfter(revision: number): Promise<void>;
  abstract close(): Promise<void>;

  /** @throws GantryError unavailable once it is closed, or its disk has failed */
  protected abstract checkUsable(): void;
  /** The latest revision that is known to have happened. */
  protected abstract latest(): number;
  /** All or nothing. Answers, when the writes are durable and shown, with one event for each that changes something. */
  protected abstract write(ops: readonly WriteOp[]): Promise<WatchBatch>;

  async create(key: string, value: string): Promise<Entry> {
    return (await this.write([{ kind: 'create', key, value }])).events[0]!.entry!;
  }

  async update(key: string, value: string, expectedRevision?: number): Promise<Entry> {
    return (await this.write([{ kind: 'update', key, value, ...expecting(expectedRevision) }])).events[0]!.entry!;
  }

  async put(key: string, value: string): Promise<Entry> {
    return (await this.write([{ kind: 'put', key, value }])).events[0]!.entry!;
  }

  async delete(key: string, expectedRevision?: number): Promise<Deleted> {
    const { revision, events } = await this.write([{ kind: 'delete', key, ...expecting(expectedRevision) }]);
    return { revision, previous: events[0]!.previous! };
  }

  async transact(ops: readonly WriteOp[]): Promise<number> {
    return (await this.write(ops)).revision;
  }

  watch(prefix: string, afterRevision: number): Watch {
    this.checkUsable();
    checkPrefix(prefix);
    checkHappened(afterRevision, this.latest());
    return this.hub.watch(prefix, afterRevision);
  }
}

function expecting(expectedRevision: number | undefined): { readonly expectedRevision?: number } {
  return expectedRevision === undefined ? {} : { expectedRevision };
}
