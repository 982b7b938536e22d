import type { Json } from '#base/json.ts';
import { FieldSet } from './field-set.ts';
import { childType, isObject, itemElement, settled, type FieldType, type ListType, type ObjectType } from './field-type.ts';

/** The paths that a value consists of: what who applies it owns (structured-merge-diff, typed/tofieldset.go). */
export function fieldSetOf(type: FieldType, value: Json): FieldSet {
  const known = settled(type, value);
  if (known.kind === 'object') return isObject(value) ? setOfObject(known, value) : FieldSet.empty;
  if (known.kind === 'list') return Array.isArray(value) ? setOfList(known, value) : FieldSet.empty;
  return FieldSet.leaf;
}

function setOfObject(type: ObjectType, value: { readonly [name: string]: Json | undefined }): FieldSet {
  return FieldSet.of(false, Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]) => {
    const child = fieldSetOf(childType(type, name), each as Json);
    // An entry of a map is there by itself; a field of a struct is where something is in it, or it says that nothing is.
    const isThere = each === null || (isObject(each) && Object.keys(each).length === 0) || type.named(name) === undefined;
    return [`f:${name}`, child.withSelf(child.self || isThere)] as const;
  }));
}

function setOfList(type: ListType, items: readonly Json[]): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const item of items) {
    const element = itemElement(type, item);
    // Items of the same keys are owned together.
    children.set(element, children.has(element) ? FieldSet.leaf : fieldSetOf(type.item, item).withSelf(true));
  }
  return FieldSet.of(false, children);
}

/** The same with every field in it that something below is in: what removing the last of it takes along. */
export function withNamedFields(type: FieldType, set: FieldSet): FieldSet {
  return FieldSet.of(set.self, [...set.children].map(([element, child]) => {
    const isNamed = type.kind === 'object' && element.startsWith('f:') && type.named(element.slice(2)) !== undefined;
    const below = withNamedFields(typeBelow(type, element), child);
    return [element, isNamed ? below.withSelf(true) : below] as const;
  }));
}

function typeBelow(type: FieldType, element: string): FieldType {
  if (type.kind === 'object' && element.startsWith('f:')) return childType(type, element.slice(2));
  return type.kind === 'list' ? type.item : { kind: 'deduced' };
}
