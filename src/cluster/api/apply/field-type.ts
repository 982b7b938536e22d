import type { Json, JsonObject } from '#base/json.ts';
import { specialFormOf, type FieldSchema } from '#cluster/kinds/schema.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { fieldsByName } from '#cluster/kinds/unknown-fields.ts';
import { badRequest } from '../refusals.ts';
import type { PathElement } from './field-set.ts';

/** What server-side apply has to know of a type: where ownership ends, and how the items of a list are told apart. */
export type FieldType =
  | { readonly kind: 'scalar' }
  /** Owned and replaced as one. */
  | { readonly kind: 'atomic' }
  /** What a value is, it shows itself: objects are owned field by field, lists as one. */
  | { readonly kind: 'deduced' }
  | ObjectType
  | ListType;

export interface ObjectType {
  readonly kind: 'object';
  /** A field that the type names. */
  named(name: string): FieldType | undefined;
  /** Every other: the values of a map. */
  readonly other: FieldType;
}

export interface ListType {
  readonly kind: 'list';
  readonly item: FieldType;
  /** Names of the fields that tell items apart; none: the items are a set of scalars. */
  readonly keys: readonly string[];
  /** What a key is where an item does not have it. */
  readonly keyDefaults: ReadonlyMap<string, Json>;
}

const SCALAR: FieldType = { kind: 'scalar' };
const ATOMIC: FieldType = { kind: 'atomic' };
export const DEDUCED: FieldType = { kind: 'deduced' };

/** The types of upstream's messages, each made when it is first looked at. */
export class FieldTypes {
  readonly #schemas: SchemaSet;
  readonly #known = new Map<string, FieldType>();
  readonly #hasZeros: boolean;

  /** @param hasZeros whether a text by which items are told apart is empty where it is absent, as in upstream's own types */
  constructor(schemas: SchemaSet, hasZeros = false) {
    this.#schemas = schemas;
    this.#hasZeros = hasZeros;
  }

  /** @param message as `core.v1.Pod`; undefined for a kind without a schema */
  of(message: string | undefined): FieldType {
    if (message === undefined) return DEDUCED;
    const known = this.#known.get(message) ?? this.#make(message);
    this.#known.set(message, known);
    return known;
  }

  #make(message: string): FieldType {
    const form = specialFormOf(message);
    if (form !== undefined) return form === 'raw' || form === 'json-schema-or' ? DEDUCED : form === 'strings' ? ATOMIC : SCALAR;
    const schema = this.#schemas.get(message);
    if (schema.atomic) return ATOMIC;
    const fields = fieldsByName(this.#schemas, schema);
    const made = new Map<string, FieldType>();
    return {
      kind: 'object',
      other: DEDUCED,
      named: (name) => {
        const field = fields.get(name);
        if (field === undefined) return undefined;
        const type = made.get(name) ?? this.#field(field);
        made.set(name, type);
        return type;
      },
    };
  }

  #field(field: FieldSchema): FieldType {
    if (field.ownership.kind === 'atomic') return ATOMIC;
    const value = field.type.kind === 'scalar' ? SCALAR : this.of(field.type.name);
    if (field.shape === 'one') return value;
    if (field.shape === 'map') return { kind: 'object', named: () => undefined, other: value };
    const keys = keysOf(field);
    return keys === undefined ? ATOMIC : { kind: 'list', item: value, keys, keyDefaults: this.#defaults(field, keys) };
  }

  #defaults(field: FieldSchema, keys: readonly string[]): ReadonlyMap<string, Json> {
    if (field.type.kind !== 'message') return new Map();
    const fields = fieldsByName(this.#schemas, this.#schemas.get(field.type.name));
    return new Map(keys.flatMap((key) => {
      const field = fields.get(key);
      const preset = field?.preset ?? (this.#hasZeros && field?.type.kind === 'scalar' && field.type.scalar === 'string' ? '' : undefined);
      return preset === undefined ? [] : [[key, preset] as const];
    }));
  }
}

/** A list that says nothing of its ownership has what its patch strategy implies; else it is atomic (kube-openapi, schemaconv). */
function keysOf({ ownership, patch }: FieldSchema): readonly string[] | undefined {
  if (ownership.kind === 'map') return ownership.keys;
  if (ownership.kind === 'set') return [];
  if (patch?.merge !== true) return undefined;
  return patch.mergeKey === undefined ? [] : [patch.mergeKey];
}

/** The place of an item in a list that is owned item by item. @throws StatusError invalid for one that has none */
export function itemElement({ keys, keyDefaults }: ListType, item: Json): PathElement {
  if (keys.length === 0) {
    if (item === null || typeof item === 'object') throw badRequest(`associative list without keys has an element that's ${item === null ? 'an explicit null' : Array.isArray(item) ? 'a list' : 'a map type'}`);
    return `v:${JSON.stringify(item)}`;
  }
  if (!isObject(item)) throw badRequest(`associative list with keys may not have ${item === null ? 'a null element' : 'non-map elements'}`);
  const values = keys.toSorted().flatMap((key) => {
    const value = Object.hasOwn(item, key) ? item[key] ?? null : keyDefaults.get(key);
    return value === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(value)}`];
  });
  if (values.length === 0) throw badRequest(`associative list with keys has an element that omits all key fields ${JSON.stringify(keys)} (and doesn't have default values for any key fields)`);
  return `k:{${values.join(',')}}`;
}

/** What a value of a deduced type is. */
export function settled(type: FieldType, ...values: readonly (Json | undefined)[]): Exclude<FieldType, { kind: 'deduced' }> {
  if (type.kind !== 'deduced') return type;
  const present = values.filter((value) => value !== undefined && value !== null);
  if (present.length > 0 && present.every(isObject)) return { kind: 'object', named: () => undefined, other: DEDUCED };
  return present.some((value) => Array.isArray(value)) ? { kind: 'atomic' } : { kind: 'scalar' };
}

export function childType(type: ObjectType, name: string): FieldType {
  return type.named(name) ?? type.other;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
