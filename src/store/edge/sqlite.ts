import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';
import { GantryError } from '#base/error.ts';
import { checkHappened, checkReadable, checkStart } from '../_check-revision.ts';
import { checkOps, decide } from '../_decide.ts';
import { HubStore } from '../_hub-store.ts';
import { checkKey, checkPrefix } from '../_keys.ts';
import { ReadEntries } from '../_read-entries.ts';
import { WatchHub } from '../_watch-hub.ts';
import type { Entry, EntryList, ListOptions, Store, WatchBatch, WriteOp } from '../store.ts';
import { WriteAheadJournal, type JournalSync } from './_journal-sync.ts';
import { openDatabase, type Quarantine } from './_open-database.ts';
import { storeError } from './_sqlite-errors.ts';
import { entryOf, SqliteRows, type Row } from './_sqlite-rows.ts';

/** Transactions that share one commit. More would hold the event loop for longer than 5 ms. */
const MAX_GROUP = 128;
const SWEEP_ROWS = 128;

/** A daemon that is being replaced may take a moment to let go. */
const DEFAULT_BUSY_TIMEOUT_MS = 2000;

export interface OpenOptions {
  readonly busyTimeoutMs?: number;
  /** How the journal of the database gets to the disk. */
  readonly journal?: JournalSync;
}

interface Job {
  readonly ops: readonly WriteOp[];
  readonly resolve: (batch: WatchBatch) => void;
  readonly reject: (reason: unknown) => void;
}

/** What was committed together, and is to be told once it is on the disk. */
interface Committed {
  readonly jobs: readonly Job[];
  readonly revision: number;
  readonly batches: readonly WatchBatch[];
  readonly outcomes: readonly (() => void)[];
}

export interface OpenedStore {
  readonly store: Store;
  /** A damaged database that was moved aside: the store begins empty, and its owner must say so. */
  readonly quarantine: Quarantine | undefined;
}

/**
 * Opens the store in that file, or creates it there with mode 0600. Its directory must exist.
 * Throws `unavailable` if another process has it open or a newer version wrote it, `conflict` if it is
 * another program's database.
 */
export async function openSqliteStore(path: string, options: OpenOptions = {}): Promise<OpenedStore> {
  const { database, quarantine } = openDatabase(path, options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS);
  return { store: new SqliteStore(path, database, options.journal ?? new WriteAheadJournal(path)), quarantine };
}

/**
 * Writes that are made in one turn of the event loop share one commit, and those that are committed while the disk is waited for share the
 * next wait, but succeed or fail each for itself. Until they are on the disk nobody is shown them: what is read is as of the last revision that is.
 */
class SqliteStore extends HubStore {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #journal: JournalSync;
  readonly #rows: SqliteRows;
  protected override readonly hub: WatchHub;
  readonly #recent = new ReadEntries();
  #jobs: Job[] = [];
  #flush: NodeJS.Immediate | undefined;
  #committed: Committed[] = [];
  #syncing: Promise<void> | undefined;
  /** The last that is on the disk. */
  #revision: number;
  /** The last that is committed. */
  #newest: number;
  #compacted: number;
  #compacting: Promise<void> = Promise.resolve();
  #closed = false;
  /** Once the disk has failed, what is on it is unknown until the file is opened again. */
  #failure: GantryError | undefined;

  constructor(path: string, database: DatabaseSync, journal: JournalSync) {
    super();
    this.#path = path;
    this.#database = database;
    this.#journal = journal;
    this.#rows = new SqliteRows(database);
    this.#revision = this.#newest = this.#rows.newestRevision();
    this.#compacted = this.#rows.progress().compacted;
    this.hub = new WatchHub({
      current: () => this.#revision,
      compacted: () => this.#compacted,
      read: (prefix, afterRevision, limit) => this.#read(() => this.#rows.history(prefix, afterRevision, limit, this.#revision)),
    });
  }

  async revision(): Promise<number> {
    this.checkUsable();
    return this.#revision;
  }

  async get(key: string, at?: number): Promise<Entry | undefined> {
    this.checkUsable();
    checkKey(key);
    if (at !== undefined) {
      checkReadable(at, this.#compacted, this.#revision);
      return this.#read(() => this.#rows.entry(key, at));
    }
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    const entry = this.#read(() => this.#rows.entry(key, this.#revision));
    if (entry !== undefined) this.#recent.keep(entry);
    return entry;
  }

  async list(prefix: string, { at, limit = Infinity, afterKey, counts = false }: ListOptions = {}): Promise<EntryList> {
    this.checkUsable();
    checkPrefix(prefix);
    const revision = at ?? this.#revision;
    checkReadable(revision, this.#compacted, this.#revision);
    const entries = this.#read(() => this.#rows.list(prefix, revision, limit + 1, afterKey));
    const more = entries.length > limit;
    const remaining = !counts ? undefined : more ? this.#read(() => this.#rows.count(prefix, revision, entries[limit - 1]?.key ?? afterKey)) : 0;
    return { revision, entries: entries.slice(0, limit), more, ...(remaining === undefined ? {} : { remaining }) };
  }

  async compact(revision: number): Promise<void> {
    this.checkUsable();
    checkHappened(revision, this.#revision);
    this.#compacting = this.#compacting.catch(() => undefined).then(() => this.#compact(revision));
    return this.#compacting;
  }

  async startAfter(revision: number): Promise<void> {
    checkStart(revision, (await this.list('', { limit: 1 })).entries.length === 0, this.#path);
    this.#revision = this.#newest = Math.max(this.#revision, revision);
    await this.compact(this.#revision);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#jobs.length > 0) this.#commitJobs();
    this.#closed = true;
    while (this.#syncing !== undefined) await this.#syncing;
    this.hub.close();
    await this.#compacting.catch(() => undefined);
    this.#journal.close();
    this.#database.close();
  }

  protected override checkUsable(): void {
    if (this.#closed) throw new GantryError('unavailable', 'the store is closed', { subject: this.#path });
    if (this.#failure !== undefined) throw this.#failure;
  }

  #read<T>(query: () => T): T {
    try {
      return query();
    } catch (thrown) {
      throw storeError(this.#path, 'it was read', thrown);
    }
  }

  protected override latest(): number {
    return this.#revision;
  }

  protected override async write(ops: readonly WriteOp[]): Promise<WatchBatch> {
    this.checkUsable();
    checkOps(ops);
    return new Promise((resolve, reject) => {
      this.#jobs.push({ ops, resolve, reject });
      this.#flush ??= setImmediate(() => this.#commitJobs());
    });
  }

  #commitJobs(): void {
    clearImmediate(this.#flush);
    const jobs = this.#jobs.splice(0, MAX_GROUP);
    this.#flush = this.#jobs.length > 0 ? setImmediate(() => this.#commitJobs()) : undefined;
    const outcomes: (() => void)[] = [];
    const batches: WatchBatch[] = [];
    let revision = this.#newest;
    try {
      this.checkUsable();
      this.#inTransaction(() => {
        for (const { ops, resolve, reject } of jobs) {
          const batch = this.#apply(ops, revision, reject, outcomes);
          if (batch === undefined) continue;
          if (batch.events.length > 0) batches.push(batch);
          revision = batch.revision;
          outcomes.push(() => resolve(batch));
        }
      });
    } catch (thrown) {
      // Nothing of the group was written, so its conditions prove nothing either.
      for (const { reject } of jobs) reject(thrown);
      return;
    }
    this.#newest = revision;
    const committed = { jobs, revision, batches, outcomes };
    // What changed nothing has nothing to wait for, but what came before it.
    if (batches.length === 0 && this.#syncing === undefined) return this.#tell([committed]);
    this.#committed.push(committed);
    if (this.#syncing === undefined) this.#sync();
  }

  /** All that is committed by now. */
  #sync(): void {
    const committed = this.#committed.splice(0);
    try {
      const synced = this.#journal.sync();
      if (synced === undefined) return this.#tell(committed);
      this.#syncing = synced.then(() => this.#tell(committed), (thrown: unknown) => this.#lose(committed, thrown)).finally(() => {
        this.#syncing = undefined;
        if (this.#committed.length > 0) this.#sync();
      });
    } catch (thrown) {
      this.#lose(committed, thrown);
    }
  }

  #tell(committed: readonly Committed[]): void {
    for (const { revision, batches, outcomes } of committed) {
      this.#revision = revision;
      for (const { events } of batches) for (const { key, entry } of events) this.#recent.changed(key, entry);
      for (const batch of batches) this.hub.publish(batch);
      for (const outcome of outcomes) outcome();
    }
  }

  /** The disk did not take it, or nobody knows whether it did. */
  #lose(committed: readonly Committed[], thrown: unknown): void {
    const error = storeError(this.#path, 'it was written', thrown);
    this.#fail(error);
    for (const { jobs } of [...committed, ...this.#committed.splice(0)]) for (const { reject } of jobs) reject(error);
  }

  /** One job of the group. When its conditions fail, it alone is refused, before it wrote anything. */
  #apply(ops: readonly WriteOp[], revision: number, reject: Job['reject'], outcomes: (() => void)[]): WatchBatch | undefined {
    try {
      const newest = new Map<string, Row | undefined>();
      const changes = decide(ops, (key) => {
        const row = this.#rows.newest(key);
        newest.set(key, row);
        return row && entryOf(row);
      });
      if (changes.length === 0) return { revision, events: [] };
      return this.#rows.append(revision + 1, changes, newest);
    } catch (thrown) {
      if (!(thrown instanceof GantryError)) throw thrown;
      outcomes.push(() => reject(thrown));
      return undefined;
    }
  }

  #inTransaction(body: () => void): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      body();
      this.#database.exec('COMMIT');
    } catch (thrown) {
      this.#rollBack(storeError(this.#path, 'it was written', thrown));
    }
  }

  /**
   * A full disk leaves the database as it was, and may have space again. After any other error, foremost a
   * failed fsync, it is unknown what the disk holds, so nothing more is acknowledged.
   */
  #rollBack(error: GantryError): never {
    let clean = error.kind === 'exhausted';
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch {
      clean = false;
    }
    if (!clean) this.#fail(error);
    throw error;
  }

  #fail(error: GantryError): void {
    this.#failure ??= new GantryError('unavailable', `the state database ${this.#path} is no longer written to, because a write failed: ${error.message}`, {
      subject: this.#path, hint: 'Check the disk and restart the daemon.', cause: error,
    });
  }

  async #compact(revision: number): Promise<void> {
    this.checkUsable();
    if (revision > this.#compacted) {
      this.#inTransaction(() => this.#rows.setCompacted(revision));
      this.#compacted = revision;
    }
    // In short pieces, so that requests are served in between. What a crash leaves is swept next time.
    for (let more = true; more && !this.#closed; await nextTurn()) {
      this.#inTransaction(() => void (more = this.#rows.sweep(SWEEP_ROWS)));
    }
  }
}
