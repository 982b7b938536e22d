import { setTimeout as delay } from 'node:timers/promises';
import { GantryError } from '#base/error.ts';
import { KeyTurns } from '#base/key-turns.ts';
import { checkHappened, checkReadable, checkStart } from '../../_check-revision.ts';
import { checkOps, decide } from '../../_decide.ts';
import { HubStore } from '../../_hub-store.ts';
import { checkKey, checkPrefix, endOfPrefix, startOfList } from '../../_keys.ts';
import { RecentHistory } from '../../_recent-history.ts';
import { WatchHub, type HistoryPage } from '../../_watch-hub.ts';
import { CompactedError } from '../../compacted-error.ts';
import type { Entry, EntryList, ListOptions, Store, WatchBatch, WatchEvent, WriteOp } from '../../store.ts';
import { EtcdClient, EtcdCompacted, type EtcdPlace } from './_client.ts';
import type { Compare, EtcdEvent, KeyValue, RangeResponse, RequestOp } from './_messages.ts';
import { claimSpace, compactedOf, META_KEY, moveStart, type Space } from './_space.ts';

export interface EtcdOptions extends EtcdPlace {
  /** What all keys of this store begin with: `/` or `/clusters/a/`. Several stores may share one etcd if none's begins with another's. */
  readonly base: string;
}

/** Entries in one answer: a page of large objects stays well below what a message may have. */
const PAGE = 2000;
const HISTORY_EVENTS = 4096;
const RETRY_MS = [100, 200, 500, 1000, 2000] as const;

/**
 * A store in etcd (3.4 and later), shared by whoever opens it. Keys are etcd's own, below a base. Revisions are etcd's,
 * counted from where the store began there. A write is acknowledged when it comes back by the store's own watch of
 * the base: whoever has its answer finds it shown by every watch.
 * @throws GantryError unavailable where it can't be reached, or a newer version made it
 */
export async function openEtcdStore({ base, ...place }: EtcdOptions): Promise<Store> {
  const client = new EtcdClient(place);
  try {
    const space = await claimSpace(client, base);
    return new EtcdStore(client, base, space, await compactedOf(client, base, space));
  } catch (thrown) {
    client.close();
    throw thrown;
  }
}

class EtcdStore extends HubStore {
  readonly #client: EtcdClient;
  readonly #base: string;
  readonly #turns = new KeyTurns();
  protected override readonly hub: WatchHub;
  readonly #recent: RecentHistory;
  /** Writes that etcd has made and our watch has not shown, by revision. */
  readonly #unseen = new Map<number, () => void>();
  readonly #writing = new Set<Promise<unknown>>();
  #space: Space;
  /** The latest that is known to have happened. */
  #revision: number;
  /** The watch of the base has shown everything up to here. */
  #seen: number;
  /** The last revision up to there that changed something below the base. */
  #lastChange: number;
  #compacted: number;
  #isClosed = false;
  #isGone = false;
  readonly #stop = new AbortController();

  constructor(client: EtcdClient, base: string, space: Space, compacted: number) {
    super();
    this.#client = client;
    this.#base = base;
    this.#space = space;
    this.#compacted = compacted;
    this.#revision = this.#seen = this.#lastChange = this.#ours(space.marked);
    this.#recent = new RecentHistory(this.#seen);
    this.hub = new WatchHub({
      current: () => this.#seen,
      compacted: () => this.#compacted,
      read: (prefix, afterRevision, limit) => this.#recent.read(prefix, afterRevision, limit, this.#seen) ?? this.#readHistory(prefix, afterRevision),
    });
    void this.#follow();
  }

  async revision(): Promise<number> {
    this.checkUsable();
    await this.#range({ key: this.#base + META_KEY, countOnly: true });
    return this.#revision;
  }

  async get(key: string, at?: number): Promise<Entry | undefined> {
    this.checkUsable();
    checkKey(key);
    if (at !== undefined) await this.#checkReadable(at);
    const { entries } = await this.#range({ key: this.#base + key }, at);
    return entries.map((entry) => this.#entry(entry))[0];
  }

  async list(prefix: string, { at, limit = Infinity, afterKey, counts = false }: ListOptions = {}): Promise<EntryList> {
    this.checkUsable();
    checkPrefix(prefix);
    if (at !== undefined) await this.#checkReadable(at);
    const entries: Entry[] = [];
    let revision = at;
    // What lies before the space is not of the store's keys.
    let start = startOfList(prefix, afterKey) || ' ';
    for (;;) {
      const page = await this.#range({ key: this.#base + start, rangeEnd: this.#base + endOfPrefix(prefix), limit: Math.max(1, Math.min(PAGE, limit - entries.length)) }, revision);
      revision ??= this.#ours(page.revision);
      entries.push(...page.entries.map((entry) => this.#entry(entry)));
      if (!page.more || entries.length >= limit) return { revision, entries, more: page.more, ...(counts ? { remaining: page.count - page.entries.length } : {}) };
      start = startOfList(prefix, (entries.at(-1) as Entry).key);
    }
  }

  async compact(revision: number): Promise<void> {
    this.checkUsable();
    if (revision > this.#revision) await this.revision();
    checkHappened(revision, this.#revision);
    if (revision <= this.#compacted) return;
    await this.#client.compact(this.#theirs(revision)).catch((thrown: unknown) => {
      // Another did, and further.
      if (!(thrown instanceof EtcdCompacted)) throw thrown;
    });
    this.#compacted = Math.max(this.#compacted, revision);
  }

  async startAfter(revision: number): Promise<void> {
    this.checkUsable();
    checkStart(revision, (await this.list('', { limit: 1 })).entries.length === 0, `the store at ${this.#base} in etcd`);
    const start = Math.max(revision, await this.revision());
    this.#space = await moveStart(this.#client, this.#base, start);
    this.#revision = this.#seen = this.#lastChange = this.#compacted = start;
    this.#missedUpTo(start);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Whoever waits for what is lost is told so after a while.
    await Promise.race([Promise.allSettled([...this.#writing]), delay(CLOSE_MS, undefined, { ref: false })]);
    this.#isGone = true;
    for (const wake of this.#unseen.values()) wake();
    this.hub.close();
    this.#stop.abort();
    this.#client.close();
  }

  protected override checkUsable(): void {
    if (this.#isClosed) throw new GantryError('unavailable', 'the store is closed', { subject: this.#base });
  }

  #ours(revision: number): number {
    return revision - this.#space.origin + this.#space.start;
  }

  #theirs(revision: number): number {
    return revision + this.#space.origin - this.#space.start;
  }

  #entry({ key, value, createRevision, modRevision }: KeyValue): Entry {
    return { key: key.slice(this.#base.length), value, revision: this.#ours(modRevision), created: this.#ours(createRevision) };
  }

  /** As it was at the revision, or is. */
  async #range(request: { readonly key: string; readonly rangeEnd?: string; readonly limit?: number; readonly countOnly?: boolean }, at?: number): Promise<RangeResponse> {
    try {
      const answer = await this.#client.range(at === undefined ? request : { ...request, revision: this.#theirs(at) });
      this.#revision = Math.max(this.#revision, this.#ours(answer.revision));
      return answer;
    } catch (thrown) {
      throw thrown instanceof EtcdCompacted ? await this.#compactedSince(at ?? 0) : thrown;
    }
  }

  async #checkReadable(at: number): Promise<void> {
    if (at > this.#revision) await this.revision();
    checkReadable(at, this.#compacted, this.#revision);
  }

  async #compactedSince(at: number): Promise<CompactedError> {
    this.#compacted = Math.max(this.#compacted, await compactedOf(this.#client, this.#base, this.#space));
    return new CompactedError(at, this.#compacted);
  }

  protected override latest(): number {
    return this.#revision;
  }

  protected override async write(ops: readonly WriteOp[]): Promise<WatchBatch> {
    this.checkUsable();
    checkOps(ops);
    const writing = this.#turns.take(ops.map(({ key }) => key), () => this.#transact(ops));
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #transact(ops: readonly WriteOp[]): Promise<WatchBatch> {
    const changing = ops.filter(({ kind }) => kind !== 'check');
    const conditional = ops.filter(({ kind }) => kind !== 'put');
    if (ops.length === 0) return { revision: await this.revision(), events: [] };
    const { revision: theirs, succeeded, found } = await this.#client.txn({
      compare: conditional.map((op) => this.#condition(op)),
      success: changing.map((op): RequestOp => 'value' in op ? { kind: 'put', key: this.#base + op.key, value: op.value } : { kind: 'delete', key: this.#base + op.key }),
      failure: conditional.map(({ key }) => ({ kind: 'get', key: this.#base + key })),
    });
    const revision = this.#ours(theirs);
    this.#revision = Math.max(this.#revision, revision);
    const entries = found.map((entry) => entry === undefined ? undefined : this.#entry(entry));
    if (!succeeded) {
      const current = new Map(conditional.map(({ key }, index) => [key, entries[index]]));
      decide(ops, (key) => current.get(key));
      throw new GantryError('internal', `etcd refused a transaction whose conditions hold, of ${ops.map(({ key }) => key).join(', ')}`);
    }
    if (changing.length > 0) await this.#shown(revision);
    return { revision, events: changing.map((op, index) => changed(op, revision, entries[index])) };
  }

  #condition(op: WriteOp): Compare {
    const key = this.#base + op.key;
    if (op.kind === 'create') return { key, target: 'create', result: 'equal', revision: 0 };
    const expected = 'expectedRevision' in op ? op.expectedRevision : undefined;
    if (expected === undefined) return { key, target: 'create', result: 'not-equal', revision: 0 };
    return { key, target: 'mod', result: 'equal', revision: op.kind === 'check' && expected === 0 ? 0 : this.#theirs(expected) };
  }

  async #shown(revision: number): Promise<void> {
    if (revision <= this.#seen) return;
    await new Promise<void>((resolve) => this.#unseen.set(revision, resolve));
    if (this.#isGone) throw new GantryError('unavailable', 'the store was closed before its write was shown', { hint: 'It was made. Look it up.' });
  }

  /** Keeps the watches going over every break of the connection. */
  async #follow(): Promise<void> {
    for (let failures = 0; !this.#isGone;) {
      try {
        const watch = this.#client.watch({ key: this.#base, rangeEnd: endOfPrefix(this.#base), startRevision: this.#theirs(this.#seen) + 1 });
        for await (const { compactRevision, isCanceled, events } of watch) {
          failures = 0;
          if (compactRevision > 0) await this.#catchUp();
          if (isCanceled || compactRevision > 0) break;
          for (const batch of this.#batches(events)) this.#publish(batch);
        }
      } catch {
        // Tried again below; whoever reads or writes meanwhile is told what is wrong.
      }
      const waitMs = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] as number;
      await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  #publish(batch: WatchBatch): void {
    if (batch.revision <= this.#seen) return;
    this.#revision = Math.max(this.#revision, batch.revision);
    this.#seen = this.#lastChange = batch.revision;
    if (batch.events.length > 0) {
      this.#recent.push(batch);
      this.hub.publish(batch);
    }
    this.#unseen.get(batch.revision)?.();
    this.#unseen.delete(batch.revision);
  }

  /** We were away for longer than the history goes back. */
  async #catchUp(): Promise<void> {
    await this.#compactedSince(0);
    this.#seen = this.#lastChange = Math.max(await this.revision(), this.#seen);
    this.#missedUpTo(this.#seen);
  }

  #missedUpTo(revision: number): void {
    this.#recent.restart(revision);
    this.hub.fallBehind();
    for (const [made, wake] of this.#unseen) {
      if (made > revision) continue;
      this.#unseen.delete(made);
      wake();
    }
  }

  async #readHistory(prefix: string, afterRevision: number): Promise<HistoryPage> {
    const target = this.#lastChange;
    const batches: WatchBatch[] = [];
    let [upTo, found] = [afterRevision, 0];
    if (afterRevision >= target) return { batches, upTo: this.#seen };
    const watch = this.#client.watch({ key: this.#base, rangeEnd: endOfPrefix(this.#base), startRevision: this.#theirs(afterRevision) + 1 });
    for await (const { isCreated, isCanceled, compactRevision, reason, events } of watch) {
      if (compactRevision > 0) throw await this.#compactedSince(afterRevision);
      if (isCanceled) throw new GantryError('unavailable', `etcd ended a watch: ${reason}`, { subject: this.#base });
      // A watch may begin at the compacted revision itself, whose deletions are gone: a read before it may not.
      if (isCreated) await this.#range({ key: this.#base + META_KEY, countOnly: true }, afterRevision);
      for (const batch of this.#batches(events)) {
        upTo = batch.revision;
        const matching = batch.events.filter(({ key }) => key.startsWith(prefix));
        if (matching.length === 0) continue;
        batches.push({ revision: upTo, events: matching });
        found += matching.length;
      }
      if (upTo >= target || found >= HISTORY_EVENTS) break;
    }
    return { batches, upTo };
  }

  /** One for each revision; empty where it changed only what is not of the store's keys. */
  #batches(events: readonly EtcdEvent[]): readonly WatchBatch[] {
    const batches: { revision: number; events: WatchEvent[] }[] = [];
    for (const { key, revision: theirs, entry, previous } of events) {
      const revision = this.#ours(theirs);
      if (batches.at(-1)?.revision !== revision) batches.push({ revision, events: [] });
      if (key === this.#base + META_KEY) continue;
      batches.at(-1)?.events.push({ key: key.slice(this.#base.length), entry: entry === undefined ? undefined : this.#entry(entry), previous: previous === undefined ? undefined : this.#entry(previous) });
    }
    return batches;
  }
}

const CLOSE_MS = 5000;

/** @param previous what was there */
function changed(op: WriteOp, revision: number, previous: Entry | undefined): WatchEvent {
  const { key } = op;
  if (op.kind === 'delete' && previous === undefined) throw new GantryError('internal', `etcd deleted ${key} and did not say what was there`);
  return { key, entry: 'value' in op ? { key, value: op.value, revision, created: previous?.created ?? revision } : undefined, previous };
}
