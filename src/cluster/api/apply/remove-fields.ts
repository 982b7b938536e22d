import type { Json } from '#base/json.ts';
import type { FieldSet } from './field-set.ts';
import { childType, isObject, itemElement, settled, type FieldType, type ListType, type ObjectType } from './field-type.ts';

/**
 * The value without the paths of the set; undefined where nothing is left of it. What stays although all of it went is null: that
 * it is there is owned by somebody (structured-merge-diff, typed/remove.go).
 */
export function removeFields(type: FieldType, value: Json, set: FieldSet): Json | undefined {
  if (set.isEmpty) return value;
  const known = settled(type, value);
  if (known.kind === 'object') return isObject(value) ? removeFromObject(known, value, set) : undefined;
  if (known.kind === 'list') return Array.isArray(value) ? removeFromList(known, value, set) : undefined;
  // Below what is owned as one there is nothing to remove, unless it all goes.
  return known.kind === 'atomic' ? undefined : value;
}

function removeFromObject(type: ObjectType, value: { readonly [name: string]: Json | undefined }, set: FieldSet): Json | undefined {
  const kept: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [name, each] of Object.entries(value)) {
    const below = set.at(`f:${name}`);
    if (each === undefined || below.self) continue;
    const rest = below.isEmpty ? each : removeFields(childType(type, name), each, below);
    kept[name] = rest ?? null;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function removeFromList(type: ListType, items: readonly Json[], set: FieldSet): Json | undefined {
  const kept = items.flatMap((item) => {
    const below = set.at(itemElement(type, item));
    if (below.self) return [];
    return [below.isEmpty ? item : removeFields(type.item, item, below) ?? null];
  });
  return kept.length === 0 ? undefined : kept;
}
