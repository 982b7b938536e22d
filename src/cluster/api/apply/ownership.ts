import type { Json } from '#base/json.ts';
import type { PartsOfWork } from '../parts-of-work.ts';
import { compareValues, type Comparison } from './compare-values.ts';
import { FieldSet, type PathElement } from './field-set.ts';
import { fieldSetOf, withNamedFields } from './field-set-of.ts';
import type { FieldType } from './field-type.ts';
import type { ManagerEntry, Managers } from './managed-fields.ts';
import { mergeValues } from './merge-values.ts';
import { removeFields } from './remove-fields.ts';

/** Fields that others own, and that were asked to have another value. */
export interface Conflict {
  readonly owner: ManagerEntry;
  readonly path: readonly PathElement[];
}

export interface Applied {
  readonly object: Json;
  readonly managers: Managers;
  readonly conflicts: readonly Conflict[];
}

/**
 * Puts a configuration over what is live: what the applier owned and does not name any more goes, unless somebody else
 * owns it (structured-merge-diff, merge/update.go).
 * @param ignored paths that this way of writing does not change
 */
export function* applyOwned(type: FieldType, live: Json, config: Json, managers: Managers, key: string, entry: ManagerEntry, ignored: FieldSet): PartsOfWork<Applied> {
  const last = managers.get(key)?.fields;
  const next = new Map(managers).set(key, { ...entry, fields: fieldSetOf(type, config).without(ignored) });
  yield;
  const merged = mergeValues(type, live, config) ?? {};
  yield;
  const object = last === undefined || last.isEmpty ? merged : yield* prune(type, merged, next, last);
  yield;
  const comparison = exclude(compareValues(type, live, object), ignored);
  yield;
  const taken = takeOver(next, key, comparison);
  return { object, ...taken };
}

export interface Left {
  /** Paths, with all below them, that this way of writing does not change. */
  readonly ignored: FieldSet;
  /** Paths that nobody owns. */
  readonly unowned: FieldSet;
}

/** What an update makes its author own, and takes from others. */
export function* updateOwned(type: FieldType, live: Json | undefined, next: Json, managers: Managers, key: string, entry: ManagerEntry, { ignored, unowned }: Left): PartsOfWork<Managers> {
  const comparison = exclude(compareValues(type, live ?? {}, next), ignored);
  yield;
  const { managers: rest } = takeOver(managers, undefined, comparison);
  const mine = comparison.modified.union(comparison.added).difference(unowned);
  if (mine.isEmpty) return rest;
  const before = rest.get(key)?.fields ?? FieldSet.empty;
  return new Map(rest).set(key, { ...entry, fields: before.union(mine) });
}

function exclude({ added, modified, removed }: Comparison, ignored: FieldSet): Comparison {
  return { added: added.without(ignored), modified: modified.without(ignored), removed: removed.without(ignored) };
}

/** Others lose what changed, and what is gone. */
function takeOver(managers: Managers, own: string | undefined, { added, modified, removed }: Comparison): Pick<Applied, 'managers' | 'conflicts'> {
  const changed = modified.union(added);
  const conflicts: Conflict[] = [];
  const rest = new Map<string, ManagerEntry>();
  for (const [key, entry] of managers) {
    const lost = key === own ? FieldSet.empty : entry.fields.intersection(changed);
    for (const path of lost.paths()) conflicts.push({ owner: entry, path });
    const fields = key === own ? entry.fields : entry.fields.difference(lost).difference(removed);
    if (!fields.isEmpty) rest.set(key, { ...entry, fields });
  }
  return { managers: rest, conflicts };
}

/** Takes away what was applied before and is owned by nobody now; what nobody ever owned stays. */
function* prune(type: FieldType, merged: Json, managers: Managers, last: FieldSet): PartsOfWork<Json> {
  const named = (set: FieldSet): FieldSet => withNamedFields(type, set);
  const setOf = (value: Json | undefined): FieldSet => (value === undefined ? FieldSet.empty : named(fieldSetOf(type, value)));
  const all = setOf(merged);
  const owned = [...managers.values()].reduce((sum, { fields }) => sum.union(fields), FieldSet.empty);
  yield;
  const bare = removeFields(type, merged, named(last));
  yield;
  const withOwned = removeFields(type, merged, all.difference(setOf(bare).union(named(owned))));
  yield;
  const gone = all.difference(setOf(withOwned)).intersection(named(last));
  return removeFields(type, merged, gone) ?? {};
}
