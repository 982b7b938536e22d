import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';

/**
 * Reads JSON as Go's decoder does: names match in any case, unknown ones are ignored, null is the zero
 * value, and a wrong type is an error that names the field. What comes out has every field of the shape.
 */
export interface Field<T> {
  /** As Go spells the type: part of the message of an error. */
  readonly type: string;
  zero(): T;
  isZero(value: T): boolean;
  decode(json: Json, path: string): T;
  /** Left out of the result where it has the zero value (`omitempty`). */
  readonly optional?: true;
}

interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

type Shape = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer T> ? T : never;
type OptionalKeys<S> = { [K in keyof S]: S[K] extends OptionalField<infer _> ? K : never }[keyof S];
type StructOf<S> = { readonly [K in Exclude<keyof S, OptionalKeys<S>>]: ValueOf<S[K]> } & { readonly [K in OptionalKeys<S>]?: ValueOf<S[K]> };

/** What a field's decoder answers: `type Config = Decoded<typeof CONFIG>`. */
export type Decoded<F> = ValueOf<F>;

/** The largest double that is still an int64: a Go client can't read more. */
const LARGEST_INT64 = 9223372036854774784;

function nameOf(json: Json): string {
  if (json === null) return 'null';
  if (Array.isArray(json)) return 'array';
  return typeof json === 'boolean' ? 'bool' : typeof json;
}

function mismatch(json: Json, path: string, type: string, detail = ''): GantryError {
  const where = path === '' ? `Go value of type ${type}` : `Go struct field ${path} of type ${type}`;
  return new GantryError('invalid', `invalid JSON: json: cannot unmarshal ${nameOf(json)}${detail} into ${where}`);
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function scalar<T extends string | boolean>(type: string, is: 'string' | 'boolean', zero: T): Field<T> {
  return {
    type,
    zero: () => zero,
    isZero: (value) => value === zero,
    decode: (json, path) => {
      if (json === null) return zero;
      if (typeof json !== is) throw mismatch(json, path, type);
      return json as T;
    },
  };
}

export const text: Field<string> = scalar<string>('string', 'string', '');
export const bool: Field<boolean> = scalar<boolean>('bool', 'boolean', false);

export function integer(type: 'int' | 'int64' | 'uint' | 'uint16' | 'uint32' | 'uint64' = 'int64'): Field<number> {
  const [low, high] = type === 'uint16' ? [0, 65_535] : type === 'uint32' ? [0, 4_294_967_295] : [type.startsWith('u') ? 0 : -(2 ** 63), 2 ** 63];
  return {
    type,
    zero: () => 0,
    isZero: (value) => value === 0,
    decode: (json, path) => {
      if (json === null) return 0;
      if (typeof json !== 'number') throw mismatch(json, path, type);
      if (!Number.isInteger(json) || json < low || json > high) throw mismatch(json, path, type, ` ${json}`);
      return Math.min(json, LARGEST_INT64);
    },
  };
}

/** Go's pointer: null is a value of its own. */
export function nullable<T>(inner: Field<T>): Field<T | null> {
  return { type: inner.type, zero: () => null, isZero: (value) => value === null, decode: (json, path) => (json === null ? null : inner.decode(json, path)) };
}

export function optional<T>(inner: Field<T>): OptionalField<T> {
  return { ...inner, optional: true };
}

export function list<T>(inner: Field<T>, type = `[]${inner.type}`): Field<readonly T[] | null> {
  return {
    type,
    zero: () => null,
    isZero: (value) => value === null || value.length === 0,
    decode: (json, path) => {
      if (json === null) return null;
      if (!Array.isArray(json)) throw mismatch(json, path, type);
      return json.map((item: Json, index) => inner.decode(item, `${path}.${index}`));
    },
  };
}

/** A string or a list of strings, as Cmd and Entrypoint may come. */
export const words: Field<readonly string[] | null> = {
  ...list(text, 'strslice.StrSlice'),
  decode: (json, path) => (typeof json === 'string' ? [json] : list(text, 'string').decode(json, path)),
};

/** Exactly as many numbers: missing ones are 0, further ones are dropped. */
export const pair: Field<readonly [number, number]> = {
  type: '[2]uint',
  zero: () => [0, 0],
  isZero: ([first, second]) => first === 0 && second === 0,
  decode: (json, path) => {
    const [first = 0, second = 0] = list(integer('uint'), '[2]uint').decode(json, path) ?? [];
    return [first, second];
  },
};

/** User's keys: an object without a prototype, where `__proto__` is a key as any other. */
export function map<T>(inner: Field<T>, type = `map[string]${inner.type}`): Field<Readonly<Record<string, T>> | null> {
  return {
    type,
    zero: () => null,
    isZero: (value) => value === null || Object.keys(value).length === 0,
    decode: (json, path) => {
      if (json === null) return null;
      if (!isObject(json)) throw mismatch(json, path, type);
      const result = Object.create(null) as Record<string, T>;
      for (const key of Object.keys(json)) result[key] = inner.decode(json[key] ?? null, `${path}.${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      return result;
    },
  };
}

/** Go's empty struct, as the value of a set. */
export const nothing: Field<Readonly<Record<never, never>>> = {
  type: 'struct {}',
  zero: () => ({}),
  isZero: () => false,
  decode: (json, path) => {
    if (json !== null && !isObject(json)) throw mismatch(json, path, 'struct {}');
    return {};
  },
};

export function struct<const S extends Shape>(type: string, shape: S): Field<StructOf<S>> {
  const fields = Object.entries<Field<unknown>>(shape);
  const byLowerName = new Map(fields.map(([name]) => [name.toLowerCase(), name]));
  const decode = (json: Json, path: string): StructOf<S> => {
    const given = new Map<string, Json>();
    if (json !== null) {
      if (!isObject(json)) throw mismatch(json, path, type);
      for (const key of Object.keys(json)) {
        const name = byLowerName.get(key.toLowerCase());
        if (name !== undefined) given.set(name, json[key] ?? null);
      }
    }
    const result: Record<string, unknown> = {};
    for (const [name, field] of fields) {
      const value = given.has(name) ? field.decode(given.get(name) ?? null, `${path}.${name}`) : field.zero();
      if (field.optional !== true || !field.isZero(value)) result[name] = value;
    }
    return result as StructOf<S>;
  };
  return { type, zero: () => decode(null, ''), isZero: () => false, decode };
}

/** The body of a request, which is one JSON value. */
export function parseJson(body: string): Json {
  if (body.trim() === '') throw new GantryError('invalid', 'invalid JSON: got EOF while reading request body');
  try {
    return JSON.parse(body) as Json;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    if (reason.includes('after JSON')) throw new GantryError('invalid', 'unexpected content after JSON');
    const position = /position (\d+)/.exec(reason)?.[1];
    const isCut = reason.includes('Unexpected end') || Number(position) >= body.trimEnd().length;
    throw new GantryError('invalid', `invalid JSON: ${isCut ? 'unexpected EOF' : reason}`);
  }
}
