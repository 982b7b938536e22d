import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Change } from '../_decide.ts';
import { endOfPrefix, startOfList } from '../_keys.ts';
import type { HistoryPage } from '../_watch-hub.ts';
import { MAX_TRANSACTION_OPS, type Entry, type WatchBatch, type WatchEvent } from '../store.ts';

/**
 * One row for each state of a key, never changed, only compacted away. Its id is revision * 128 + place in
 * the transaction, so that one B-tree holds both the entries and the order of history. The row that
 * it replaced is named, so that compaction visits only what changed.
 */
export const SCHEMA = `
  CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    previous INTEGER,
    created INTEGER NOT NULL,
    value TEXT
  ) STRICT;
  CREATE UNIQUE INDEX entry_by_key ON entry (key, id);
  CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    compacted INTEGER NOT NULL,
    swept INTEGER NOT NULL
  ) STRICT;
  INSERT INTO progress VALUES (1, 0, 0);
`;

/** One state of a key. */
export interface Row {
  readonly id: number;
  readonly key: string;
  readonly created: number;
  /** null marks a deletion. */
  readonly value: string | null;
}

interface EventRow extends Row {
  readonly previousId: number | null;
  readonly previousCreated: number | null;
  readonly previousValue: string | null;
}

/** About a millisecond's worth. */
const MOST_COUNTED = 2000;

const firstId = (revision: number): number => revision * MAX_TRANSACTION_OPS;
const lastId = (revision: number): number => firstId(revision + 1) - 1;
const revisionOf = (id: number): number => Math.floor(id / MAX_TRANSACTION_OPS);

/** The statements over the table, prepared once. Synchronous, inside of the caller's transaction. */
export class SqliteRows {
  readonly #latest: StatementSync;
  readonly #list: StatementSync;
  readonly #count: StatementSync;
  readonly #history: StatementSync;
  readonly #insert: StatementSync;
  readonly #newest: StatementSync;
  readonly #progress: StatementSync;
  readonly #setProgress: StatementSync;
  readonly #chunkEnd: StatementSync;
  readonly #dropReplaced: StatementSync;
  readonly #dropDeletions: StatementSync;

  constructor(database: DatabaseSync) {
    this.#latest = database.prepare('SELECT id, key, created, value FROM entry WHERE key = ? AND id <= ? ORDER BY id DESC LIMIT 1');
    // Bare columns beside MAX() come from the row that has the maximum (sqlite.org/lang_select.html).
    this.#list = database.prepare(
      'SELECT MAX(id) AS id, key, created, value FROM entry WHERE key >= ? AND key < ? AND id <= ? GROUP BY key HAVING value IS NOT NULL LIMIT ?',
    );
    // Keys come from the index alone, and of a row only whether it is a deletion.
    this.#count = database.prepare('SELECT COUNT(*) AS seen, COUNT(e.value) AS there FROM (SELECT MAX(id) AS id FROM entry WHERE key >= ? AND key < ? AND id <= ? GROUP BY key LIMIT ?) AS m JOIN entry AS e ON e.id = m.id');
    // The unary plus keeps the planner on the order of ids: what a watch has missed is short.
    this.#history = database.prepare(`
      SELECT e.id, e.key, e.created, e.value, p.id AS previousId, p.created AS previousCreated, p.value AS previousValue
      FROM entry AS e LEFT JOIN entry AS p ON p.id = e.previous
      WHERE e.id > ? AND e.id <= ? AND +e.key >= ? AND +e.key < ? ORDER BY e.id LIMIT ?`);
    this.#insert = database.prepare('INSERT INTO entry (id, key, previous, created, value) VALUES (?, ?, ?, ?, ?)');
    this.#newest = database.prepare('SELECT MAX(id) AS id FROM entry');
    this.#progress = database.prepare('SELECT compacted, swept FROM progress');
    this.#setProgress = database.prepare('UPDATE progress SET compacted = ?, swept = ?');
    this.#chunkEnd = database.prepare('SELECT MAX(id) AS id FROM (SELECT id FROM entry WHERE id > ? AND id <= ? ORDER BY id LIMIT ?)');
    this.#dropReplaced = database.prepare('DELETE FROM entry WHERE id IN (SELECT previous FROM entry WHERE id > ? AND id <= ?)');
    this.#dropDeletions = database.prepare('DELETE FROM entry WHERE id > ? AND id <= ? AND value IS NULL');
  }

  /** The last revision. Compaction may have dropped its row, if that was a deletion. */
  newestRevision(): number {
    const { id } = this.#newest.get() as { id: number | null };
    return Math.max(id === null ? 0 : revisionOf(id), this.progress().compacted);
  }

  entry(key: string, at: number): Entry | undefined {
    const row = this.#latest.get(key, lastId(at)) as Row | undefined;
    return row === undefined ? undefined : entryOf(row);
  }

  list(prefix: string, at: number, limit: number, afterKey: string | undefined): Entry[] {
    const start = startOfList(prefix, afterKey);
    const rows = this.#list.all(start, endOfPrefix(prefix), lastId(at), Math.min(limit, Number.MAX_SAFE_INTEGER)) as unknown as Row[];
    return rows.map((row) => entryOf(row)!);
  }

  /** How many there are; undefined where counting them would take too long. */
  count(prefix: string, at: number, afterKey: string | undefined): number | undefined {
    const { seen, there } = this.#count.get(startOfList(prefix, afterKey), endOfPrefix(prefix), lastId(at), MOST_COUNTED) as { seen: number; there: number };
    return seen < MOST_COUNTED ? there : undefined;
  }

  history(prefix: string, afterRevision: number, limit: number, current: number): HistoryPage {
    // A page longer than any transaction always holds a whole one.
    const rowLimit = Math.max(limit, MAX_TRANSACTION_OPS) + 1;
    const rows = this.#history.all(lastId(afterRevision), lastId(current), prefix, endOfPrefix(prefix), rowLimit) as unknown as EventRow[];
    const cut = rows.length === rowLimit ? revisionOf(rows.at(-1)!.id) : Infinity;
    const batches: { revision: number; events: WatchEvent[] }[] = [];
    for (const row of rows) {
      const revision = revisionOf(row.id);
      if (revision >= cut) break;
      if (batches.at(-1)?.revision !== revision) batches.push({ revision, events: [] });
      batches.at(-1)!.events.push(eventOf(row));
    }
    return { batches, upTo: cut === Infinity ? current : cut - 1 };
  }

  /**
   * Writes one transaction and answers with what a watch shows of it.
   * @param newest the rows that are replaced, by their keys
   */
  append(revision: number, changes: readonly Change[], newest: ReadonlyMap<string, Row | undefined>): WatchBatch {
    const events = changes.map(({ key, value, previous }, index): WatchEvent => {
      const created = previous?.created ?? revision;
      this.#insert.run(firstId(revision) + index, key, newest.get(key)?.id ?? null, created, value ?? null);
      return { key, entry: value === undefined ? undefined : { key, value, revision, created }, previous };
    });
    return { revision, events };
  }

  progress(): { compacted: number; swept: number } {
    return this.#progress.get() as { compacted: number; swept: number };
  }

  /** States before the revision can no longer be asked for. Their rows go by `sweep`. */
  setCompacted(revision: number): void {
    this.#setProgress.run(revision, this.progress().swept);
  }

  /** Deletes what about `rows` rows of history replaced. Answers whether more is left. */
  sweep(rows: number): boolean {
    const { compacted, swept } = this.progress();
    const { id } = this.#chunkEnd.get(swept, lastId(compacted), rows) as { id: number | null };
    if (id === null) return false;
    this.#dropReplaced.run(swept, id);
    this.#dropDeletions.run(swept, id);
    this.#setProgress.run(compacted, id);
    return true;
  }

  /** Deletions included. */
  newest(key: string): Row | undefined {
    return this.#latest.get(key, Number.MAX_SAFE_INTEGER) as Row | undefined;
  }
}

export function entryOf(row: Row): Entry | undefined {
  return row.value === null ? undefined : { key: row.key, value: row.value, revision: revisionOf(row.id), created: row.created };
}

function eventOf(row: EventRow): WatchEvent {
  const { key, previousId: id, previousCreated: created, previousValue: value } = row;
  const previous = id === null || created === null ? undefined : entryOf({ id, key, created, value });
  return { key, entry: entryOf(row), previous };
}
