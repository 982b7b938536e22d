import { GantryError, unreachable } from '#base/error.ts';
import { checkKey } from './_keys.ts';
import { MAX_TRANSACTION_OPS, MAX_VALUE_LENGTH, type Entry, type WriteOp } from './store.ts';

/** What a transaction comes to, once every condition holds. */
export interface Change {
  readonly key: string;
  /** undefined deletes. */
  readonly value: string | undefined;
  readonly previous: Entry | undefined;
}

/** Refuses what makes no sense in any state of the store, before it waits for its turn. */
export function checkOps(ops: readonly WriteOp[]): void {
  if (ops.length > MAX_TRANSACTION_OPS) throw new GantryError('too-large', `a transaction of ${ops.length} operations exceeds the ${MAX_TRANSACTION_OPS} that the store takes at once`);
  const keys = new Set<string>();
  for (const op of ops) {
    checkKey(op.key);
    if (keys.has(op.key)) throw new GantryError('invalid', `the key ${op.key} occurs twice in one transaction`);
    keys.add(op.key);
    if (!('value' in op)) continue;
    if (op.value.length > MAX_VALUE_LENGTH) throw new GantryError('too-large', `the value of ${op.key} has ${op.value.length} characters, more than the ${MAX_VALUE_LENGTH} that the store takes`);
    if (!op.value.isWellFormed()) throw new GantryError('invalid', `the value of ${op.key} has half of a surrogate pair and can't be stored as UTF-8`);
  }
}

/** Throws the first failed condition. */
export function decide(ops: readonly WriteOp[], current: (key: string) => Entry | undefined): readonly Change[] {
  const changes: Change[] = [];
  for (const op of ops) {
    const previous = current(op.key);
    switch (op.kind) {
      case 'create':
        if (previous !== undefined) throw new GantryError('conflict', `${op.key} already exists`, { subject: op.key });
        changes.push({ key: op.key, value: op.value, previous });
        break;
      case 'update':
        changes.push({ key: op.key, value: op.value, previous: expected(op.key, previous, op.expectedRevision) });
        break;
      case 'put':
        changes.push({ key: op.key, value: op.value, previous });
        break;
      case 'delete':
        changes.push({ key: op.key, value: undefined, previous: expected(op.key, previous, op.expectedRevision) });
        break;
      case 'check':
        if ((previous?.revision ?? 0) !== op.expectedRevision) throw changed(op.key, op.expectedRevision, previous?.revision ?? 0);
        break;
      default:
        unreachable(op);
    }
  }
  return changes;
}

function expected(key: string, previous: Entry | undefined, revision: number | undefined): Entry {
  if (previous === undefined) throw new GantryError('not-found', `${key} does not exist`, { subject: key });
  if (revision !== undefined && previous.revision !== revision) throw changed(key, revision, previous.revision);
  return previous;
}

function changed(key: string, expectedRevision: number, revision: number): GantryError {
  const was = expectedRevision === 0 ? 'expected to be absent' : `expected at revision ${expectedRevision}`;
  const is = revision === 0 ? 'does not exist' : `is at revision ${revision}`;
  return new GantryError('conflict', `${key} was ${was} but ${is}`, { subject: key, hint: 'Read it again and repeat the change.' });
}
