import type { Json } from '#base/json.ts';
import { same } from '../same.ts';
import { FieldSet } from './field-set.ts';
import { childType, isObject, itemElement, settled, type FieldType, type ListType, type ObjectType } from './field-type.ts';

/** The paths that differ between two values. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const NOTHING: Comparison = { added: FieldSet.empty, modified: FieldSet.empty, removed: FieldSet.empty };

/** structured-merge-diff, typed/compare.go. One of both may be absent. */
export function compareValues(type: FieldType, before: Json | undefined, after: Json | undefined): Comparison {
  if (before === undefined && after !== undefined) return { ...NOTHING, added: wholeOf(type, after) };
  const known = settled(type, before, after);
  if (known.kind === 'object' && !isBare(before, after)) return withPlace(compareObjects(known, before, after), before, after);
  if (known.kind === 'list' && !isBare(before, after)) return withPlace(compareLists(known, before, after), before, after);
  return compareLeaves(before, after);
}

/** What is added with a value that was not there, the place itself too: what comparing it with nothing comes to, in one pass. */
function wholeOf(type: FieldType, value: Json): FieldSet {
  const known = settled(type, value);
  const children = new Map<string, FieldSet>();
  if (known.kind === 'object' && isObject(value)) {
    for (const [name, each] of Object.entries(value)) if (each !== undefined) children.set(`f:${name}`, wholeOf(childType(known, name), each));
  } else if (known.kind === 'list' && Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const element = itemElement(known, item);
      // Items of the same keys are owned together.
      children.set(element, children.has(element) ? FieldSet.leaf : wholeOf(known.item, item));
    }
  }
  return children.size === 0 ? FieldSet.leaf : new FieldSet(true, children);
}

/** Neither has anything in it: then null, empty and absent are told apart. */
function isBare(...values: readonly (Json | undefined)[]): boolean {
  return values.every((value) => value === undefined || value === null || typeof value !== 'object' || Object.keys(value).length === 0);
}

function compareLeaves(before: Json | undefined, after: Json | undefined): Comparison {
  if (before === undefined) return { ...NOTHING, added: FieldSet.leaf };
  if (after === undefined) return { ...NOTHING, removed: FieldSet.leaf };
  return same(before, after) ? NOTHING : { ...NOTHING, modified: FieldSet.leaf };
}

/** What comes or goes as a whole is added or removed itself too. */
function withPlace({ added, modified, removed }: Comparison, before: Json | undefined, after: Json | undefined): Comparison {
  return { added: before === undefined ? added.withSelf(true) : added, modified, removed: after === undefined ? removed.withSelf(true) : removed };
}

function compareObjects(type: ObjectType, before: Json | undefined, after: Json | undefined): Comparison {
  const left = isObject(before) ? before : {};
  const right = isObject(after) ? after : {};
  const own = (value: { readonly [name: string]: Json | undefined }, name: string): Json | undefined => (Object.hasOwn(value, name) ? value[name] : undefined);
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return combined([...names].flatMap((name) => {
    const [old, next] = [own(left, name), own(right, name)];
    return old === undefined && next === undefined ? [] : [[`f:${name}`, compareValues(childType(type, name), old, next)] as const];
  }));
}

function compareLists(type: ListType, before: Json | undefined, after: Json | undefined): Comparison {
  const left = byElement(type, before);
  const right = byElement(type, after);
  return combined([...new Set([...left.keys(), ...right.keys()])].map((element) => [element, compareItems(type, left.get(element) ?? [], right.get(element) ?? [])] as const));
}

/** Items of the same keys, which an update can bring about, are compared as one. */
function compareItems(type: ListType, before: readonly Json[], after: readonly Json[]): Comparison {
  if (before.length <= 1 && after.length <= 1) return compareValues(type.item, before[0], after[0]);
  if (before.length > 1 && after.length > 1) return same(before, after) ? NOTHING : { ...NOTHING, modified: FieldSet.leaf };
  const single = before.length > 1 ? after.length === 0 ? NOTHING : compareValues(type.item, undefined, after[0]) : before.length === 0 ? NOTHING : compareValues(type.item, before[0], undefined);
  return before.length > 1 ? { ...single, removed: single.removed.withSelf(true) } : { ...single, added: single.added.withSelf(true) };
}

function byElement(type: ListType, value: Json | undefined): Map<string, Json[]> {
  return Map.groupBy(Array.isArray(value) ? value as readonly Json[] : [], (item) => itemElement(type, item));
}

function combined(parts: readonly (readonly [string, Comparison])[]): Comparison {
  const pick = (key: keyof Comparison): FieldSet => (parts.every(([, comparison]) => comparison[key].isEmpty) ? FieldSet.empty : FieldSet.of(false, parts.map(([element, comparison]) => [element, comparison[key]] as const)));
  return { added: pick('added'), modified: pick('modified'), removed: pick('removed') };
}
