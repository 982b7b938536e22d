/**
 * A revisioned key-value store with watch: the shape of etcd, as kine (k3s-io/kine, `docs/flow.md`)
 * shows it over SQL. One revision counts all changes of the store; it starts at 0 and each transaction
 * that changes something adds 1. When a write's promise is fulfilled, it is on disk.
 */
export interface Store {
  /** The revision of the last transaction. */
  revision(): Promise<number>;

  /** The entry now, or as it was at a revision. Throws `CompactedError` when that is no longer known. */
  get(key: string, at?: number): Promise<Entry | undefined>;

  /** Entries whose keys start with the prefix, in the order of their keys. '' lists everything. */
  list(prefix: string, options?: ListOptions): Promise<EntryList>;

  /** Throws `conflict` if the key exists. */
  create(key: string, value: string): Promise<Entry>;

  /** Throws `not-found` if the key doesn't exist, `conflict` if it has another revision than expected. */
  update(key: string, value: string, expectedRevision?: number): Promise<Entry>;

  /** Creates or replaces, whatever was there. */
  put(key: string, value: string): Promise<Entry>;

  /** Answers with what was deleted. Throws `not-found`, and `conflict` as `update` does. */
  delete(key: string, expectedRevision?: number): Promise<Deleted>;

  /**
   * All of them at one revision, or none: the first that fails throws as if it were alone. A key may occur
   * once. At most `MAX_TRANSACTION_OPS`. Answers with the revision, the present one if nothing was to change.
   */
  transact(ops: readonly WriteOp[]): Promise<number>;

  /**
   * Every change after the revision to keys with the prefix, in order, none left out, none twice. To follow
   * a list without a gap, start after the list's revision. Iterating throws `CompactedError` when
   * changes that were not yet delivered have been compacted away: list again, and watch from there.
   */
  watch(prefix: string, afterRevision: number): Watch;

  /**
   * Forgets states before the revision. The entries as they were at it, and all later changes, stay.
   * Throws `invalid` for one that has not happened. A lower one than last time does nothing.
   */
  compact(revision: number): Promise<void>;

  /**
   * For what is restored from a backup: the next change is after the revision, and whoever knows one up to there is told
   * that it is compacted. Only while nobody watches or writes. Throws `conflict` for a store that has entries.
   */
  startAfter(revision: number): Promise<void>;

  /** Ends all watches and refuses further calls with `unavailable`. Writes made before are completed. */
  close(): Promise<void>;
}

export interface Entry {
  readonly key: string;
  readonly value: string;
  /** Of the transaction that wrote this value. */
  readonly revision: number;
  /** Of the transaction that created the key, this time. */
  readonly created: number;
}

export interface Deleted {
  readonly revision: number;
  readonly previous: Entry;
}

export interface ListOptions {
  /** The revision to list at, for the pages after the first. Default: now. */
  readonly at?: number;
  /** Entries on a page. Default: all. */
  readonly limit?: number;
  /** The key that the page before ended with. */
  readonly afterKey?: string;
  /** Whether to say how many follow. Default: no. */
  readonly counts?: boolean;
}

export interface EntryList {
  /** The revision that the list shows. */
  readonly revision: number;
  readonly entries: readonly Entry[];
  /** Whether keys follow that the limit held back. */
  readonly more: boolean;
  /** How many those are, where that was asked for and is known quickly. */
  readonly remaining?: number;
}

export type WriteOp =
  | { readonly kind: 'create'; readonly key: string; readonly value: string }
  | { readonly kind: 'update'; readonly key: string; readonly value: string; readonly expectedRevision?: number }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string; readonly expectedRevision?: number }
  /** Changes nothing, but fails with `conflict` unless the key has that revision; 0 means that it doesn't exist. */
  | { readonly kind: 'check'; readonly key: string; readonly expectedRevision: number };

export interface WatchEvent {
  readonly key: string;
  /** The entry after the change; undefined when it was deleted. */
  readonly entry: Entry | undefined;
  /** The entry before the change; undefined when it was created. */
  readonly previous: Entry | undefined;
}

/** What one transaction did, in the order of its operations: the whole of it under the watched prefix. */
export interface WatchBatch {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

/** To be iterated by one reader. Leaving the loop, or `close`, ends it. */
export interface Watch extends AsyncIterable<WatchBatch> {
  /** Everything up to this revision has been handed to the reader, also where nothing concerned it. */
  position(): number;
  close(): void;
}

/** A store counts its changes up to here: fifty years at 40,000 a second. */
export const MAX_REVISION = 2 ** 46 - 1;
/** The default bound of etcd (`--max-txn-ops`). */
export const MAX_TRANSACTION_OPS = 128;
/** UTF-16 units of a value. Kubernetes objects end at about 1.5 MB, by etcd's default. */
export const MAX_VALUE_LENGTH = 2 * 1024 * 1024;
export const MAX_KEY_LENGTH = 1024;
