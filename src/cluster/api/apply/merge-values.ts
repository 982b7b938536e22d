import type { Json } from '#base/json.ts';
import { badRequest } from '../refusals.ts';
import { childType, isObject, itemElement, settled, type FieldType, type ListType, type ObjectType } from './field-type.ts';

/** What is live with what is applied put over it; nothing is taken away (structured-merge-diff, typed/merge.go). */
export function mergeValues(type: FieldType, live: Json | undefined, applied: Json | undefined): Json | undefined {
  if (applied === undefined) return live;
  if (live === undefined) return checked(type, applied);
  const known = settled(type, live, applied);
  // Null says nothing of what is owned part by part.
  if (applied === null && ((known.kind === 'object' && isObject(live) && Object.keys(live).length > 0) || (known.kind === 'list' && Array.isArray(live) && live.length > 0))) return live;
  if (known.kind === 'object' && isObject(live) && isObject(applied)) return mergeObjects(known, live, applied);
  if (known.kind === 'list' && Array.isArray(live) && Array.isArray(applied)) return mergeLists(known, live, applied);
  return checked(type, applied);
}

/** An applied value may not have two items of the same keys. */
function checked(type: FieldType, applied: Json): Json {
  if (type.kind === 'object' && isObject(applied)) {
    for (const [name, each] of Object.entries(applied)) if (each !== undefined) checked(childType(type, name), each);
  } else if (type.kind === 'list' && Array.isArray(applied)) {
    elementsOf(type, applied);
    for (const item of applied as readonly Json[]) checked(type.item, item);
  }
  return applied;
}

function mergeObjects(type: ObjectType, live: { readonly [name: string]: Json | undefined }, applied: { readonly [name: string]: Json | undefined }): Json {
  const merged: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const name of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    const value = mergeValues(childType(type, name), Object.hasOwn(live, name) ? live[name] : undefined, Object.hasOwn(applied, name) ? applied[name] : undefined);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/**
 * Items that both have stand in the applied order; those that only one has, where they stood in it, and live ones first.
 */
function mergeLists(type: ListType, live: readonly Json[], applied: readonly Json[]): Json {
  const wanted = elementsOf(type, applied);
  const places = new Map(wanted.map((element, place) => [element, place]));
  const present = live.map((item) => itemElement(type, item));
  const found = onlyOnce(present, live);
  const inLive = new Set(present);
  const shared = wanted.filter((element) => inLive.has(element));
  const merged: Json[] = [];
  let next = 0;
  let at = 0;
  const takeLive = (): void => {
    for (; at < live.length; at++) {
      const element = present[at] as string;
      if (!places.has(element)) merged.push(live[at] as Json);
      else if (element === shared[next]) return;
    }
  };
  for (const [place, element] of wanted.entries()) {
    takeLive();
    merged.push(mergeValues(type.item, found.get(element), applied[place]) as Json);
    if (element !== shared[next]) continue;
    next++;
    if (present[at] === element) at++;
  }
  takeLive();
  return merged;
}

/** Items that share their keys with another stand for nothing that could be merged. */
function onlyOnce(elements: readonly string[], items: readonly Json[]): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  const several = new Set<string>();
  for (const [place, element] of elements.entries()) {
    if (found.has(element)) several.add(element);
    found.set(element, items[place] as Json);
  }
  for (const element of several) found.delete(element);
  return found;
}

function elementsOf(type: ListType, applied: readonly Json[]): readonly string[] {
  const elements = applied.map((item) => itemElement(type, item));
  const seen = new Set<string>();
  for (const element of elements) {
    if (seen.has(element)) throw badRequest(`duplicate entries for key ${element.slice(2)}`);
    seen.add(element);
  }
  return elements;
}
