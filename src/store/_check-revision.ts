import { GantryError } from '#base/error.ts';
import { CompactedError } from './compacted-error.ts';
import { MAX_REVISION } from './store.ts';

/** Throws unless the store knows its state at that revision. */
export function checkReadable(revision: number, compacted: number, current: number): void {
  checkHappened(revision, current);
  if (revision < compacted) throw new CompactedError(revision, compacted);
}

export function checkHappened(revision: number, current: number): void {
  if (!Number.isSafeInteger(revision) || revision < 0) throw new GantryError('invalid', `${revision} is not a revision`);
  if (revision > current) {
    throw new GantryError('invalid', `revision ${revision} has not happened: the store is at ${current}`, {
      hint: 'It may come from another store, or from before this one was restored from a backup.',
    });
  }
}

/** Throws unless a store may begin anew after the revision. */
export function checkStart(revision: number, isEmpty: boolean, subject: string): void {
  if (!Number.isSafeInteger(revision) || revision < 0 || revision > MAX_REVISION) throw new GantryError('invalid', `${revision} is no revision that a store can begin at`);
  if (!isEmpty) throw new GantryError('conflict', `${subject} is not empty: where its revisions begin can't be set`, { subject });
}
