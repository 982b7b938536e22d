import { GantryError, messageOf, type ErrorKind } from '#base/error.ts';

/** Primary result codes (sqlite.org/rescode.html). */
export const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** 0 for what SQLite did not throw. */
export function resultCodeOf(thrown: unknown): number {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return 0;
  return thrown.errcode & 0xff;
}

export function isCorruption(thrown: unknown): boolean {
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(resultCodeOf(thrown));
}

/** The taxonomy's error for a failed call of SQLite. Our own errors pass through. */
export function storeError(path: string, doing: string, thrown: unknown): GantryError {
  if (thrown instanceof GantryError) return thrown;
  const code = resultCodeOf(thrown);
  return new GantryError(kindOf(code), `the state database ${path} failed while ${doing}: ${messageOf(thrown)}`, {
    subject: path,
    cause: thrown,
    ...hintOf(code),
  });
}

function kindOf(code: number): ErrorKind {
  if (code === SQLITE_FULL) return 'exhausted';
  return [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_CANTOPEN].includes(code) ? 'unavailable' : 'internal';
}

function hintOf(code: number): { hint?: string } {
  switch (code) {
    case SQLITE_FULL:
      return { hint: 'Free space on the file system that it is on.' };
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return { hint: 'Another process has it open. Stop the other daemon, or give this one a data directory of its own.' };
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return { hint: 'Check the permissions and the mount of its directory.' };
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return { hint: 'Restart the daemon: it sets a damaged database aside and says where.' };
    default:
      return {};
  }
}
