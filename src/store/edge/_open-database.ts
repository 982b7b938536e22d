import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GantryError, messageOf } from '#base/error.ts';
import { isCorruption, storeError } from './_sqlite-errors.ts';
import { SCHEMA } from './_sqlite-rows.ts';

/** 'GTRY': tells our databases from those of other programs. */
const APPLICATION_ID = 0x47545259;
const SCHEMA_VERSION = 1;

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** Where a damaged file was moved, and why. */
  readonly quarantine: Quarantine | undefined;
}

export interface Quarantine {
  readonly path: string;
  readonly reason: string;
}

/** Opens or creates the file. A damaged one is set aside, never deleted or overwritten. */
export function openDatabase(path: string, busyTimeoutMs: number): OpenedDatabase {
  try {
    return { database: openOnce(path, busyTimeoutMs), quarantine: undefined };
  } catch (thrown) {
    if (!isCorruption(thrown) && !(thrown instanceof Damage)) throw storeError(path, 'it was opened', thrown);
    const quarantine = { path: setAside(path), reason: messageOf(thrown) };
    try {
      return { database: openOnce(path, busyTimeoutMs), quarantine };
    } catch (again) {
      throw storeError(path, `it was made anew, after the damaged one was moved to ${quarantine.path}`, again);
    }
  }
}

/** Found by ourselves, where SQLite sees nothing wrong. */
class Damage extends GantryError {
  constructor(message: string) {
    super('internal', message);
  }
}

function openOnce(path: string, busyTimeoutMs: number): DatabaseSync {
  if (!existsSync(path)) {
    // Before SQLite does it, for its mode, which the journal gets too.
    closeSync(openSync(path, 'a', 0o600));
    syncDirectoryOf(path);
  }
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // One process holds the file for as long as it lives; the index of the journal is then on its heap.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF');
    const isNew = identify(path, database) === 'new';
    // Not before: it writes to the file, which may be another program's. NORMAL waits for the disk where the order of writes needs it; the end
    // of a transaction is waited for by the store, which need not hold the loop for it.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024');
    database.exec('PRAGMA journal_size_limit = 4194304; PRAGMA wal_autocheckpoint = 200; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0');
    if (isNew) create(database);
    else verify(database);
    reserve(database);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** Room for a few hundred records. */
const RESERVED_BYTES = 1 << 20;

/**
 * On a full disk the store must still take the records of what is removed, or nothing could be: pages are written and
 * freed, so that file and journal have room for later ones. The journal starts over before it would outgrow that.
 */
function reserve(database: DatabaseSync): void {
  try {
    database.exec(`CREATE TABLE reserve (filler BLOB); INSERT INTO reserve VALUES (zeroblob(${RESERVED_BYTES})); DROP TABLE reserve; PRAGMA wal_checkpoint(RESTART)`);
  } catch {
    // The disk is full by now: what room there is was made earlier.
    database.exec('DROP TABLE IF EXISTS reserve');
  }
}

function create(database: DatabaseSync): void {
  database.exec(`BEGIN EXCLUSIVE; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

function identify(path: string, database: DatabaseSync): 'new' | 'ours' {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (application === 0 && version === 0 && tables(database) === '') return 'new';
  if (application !== APPLICATION_ID) {
    throw new GantryError('conflict', `${path} is a database of another program (application id ${application})`, {
      subject: path,
      hint: 'Give the daemon a data directory of its own.',
    });
  }
  if (version > SCHEMA_VERSION) {
    throw new GantryError('unavailable', `the state database ${path} was written by a newer Gantry (schema ${version}, this one reads ${SCHEMA_VERSION})`, {
      subject: path,
      hint: 'Start the newer version, or restore the backup from before the upgrade.',
    });
  }
  return 'ours';
}

function verify(database: DatabaseSync): void {
  const result = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string } | undefined;
  if (result?.quick_check !== 'ok') throw new Damage(result?.quick_check ?? 'the check of its pages gave no answer');
  if (tables(database) !== 'entry progress') throw new Damage(`its tables are '${tables(database)}'`);
  const progress = database.prepare('SELECT COUNT(*) AS rows FROM progress').get() as { rows: number };
  if (progress.rows !== 1) throw new Damage('its compaction progress is missing');
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name]!;
}

function tables(database: DatabaseSync): string {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return rows.map((row) => row['name']).join(' ');
}

/** Moves the file and its journal to the first free name, so that no earlier find is overwritten. */
function setAside(path: string): string {
  let number = 1;
  while (existsSync(`${path}.corrupt-${number}`)) number++;
  const target = `${path}.corrupt-${number}`;
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  renameSync(path, target);
  syncDirectoryOf(path);
  return target;
}

function syncDirectoryOf(path: string): void {
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
}
