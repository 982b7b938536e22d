import { compareText, goText, shortestFloat32 } from '../value/go-text.ts';
import { problem, type Path } from '../value/places.ts';
import { Float, isMapping, typeName, type Mapping, type Value } from '../value/value.ts';
import { booleanOf } from '../interpolate/casts.ts';

/**
 * One type of the model: how it is read from the canonical form, and how it is written as YAML and as JSON.
 * The two differ in what they leave out, and the JSON is what docker compose hashes, so both are exact.
 */
export interface Kind<T> {
  read(value: Value, path: Path): T;
  /** Undefined for what YAML leaves out. */
  yaml(value: T): Value | undefined;
  /** Undefined for what JSON leaves out. */
  json(value: T): Value | undefined;
  /** What JSON says when the attribute is not set at all; undefined for nothing. */
  readonly unset?: Value;
}

export type Static<K> = K extends Kind<infer T> ? T : never;

/** A kind that both ways of writing show alike. */
export function kind<T>(read: Kind<T>['read'], write: (value: T) => Value | undefined): Kind<T> {
  return { read, yaml: write, json: write };
}

/** Text that is left out when it is empty. */
export const text: Kind<string> = kind(readText, (value) => (value === '' ? undefined : value));

/** Text that is written even when it is empty. */
export const keptText: Kind<string> = kind(readText, (value) => value);

function readText(value: Value, path: Path): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value === null) return '';
  throw wrong(value, path, 'a string');
}

function readFlag(value: Value, path: Path): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  if (typeof value !== 'string') throw wrong(value, path, 'a boolean');
  return booleanOf(value, () => {});
}

/** A boolean that is left out when it is false. */
export const flag: Kind<boolean> = kind(readFlag, (value) => (value ? true : undefined));

/** A boolean of which false and not set are different things. */
export const choice: Kind<boolean> = kind(readFlag, (value) => value);

function readWhole(value: Value, path: Path): number {
  if (typeof value === 'number') return value;
  if (value === null) return 0;
  if (value instanceof Float) return Math.trunc(value.value);
  if (typeof value === 'string' && /^[-+]?[0-9]+$/.test(value)) return Number(value);
  throw wrong(value, path, 'a whole number');
}

/** A whole number that is left out when it is 0. */
export const whole: Kind<number> = kind(readWhole, (value) => (value === 0 ? undefined : value));

/** A whole number of which 0 and not set are different things. */
export const count: Kind<number> = kind(readWhole, (value) => value);

/** A number with the precision of 32 bits, left out when it is 0. */
export const fraction: Kind<number> = kind((value, path) => {
  const number = value instanceof Float ? value.value : typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw wrong(value, path, 'a number');
  return shortestFloat32(number);
}, (value) => (value === 0 ? undefined : new Float(value)));

export function list<T>(item: Kind<T>): Kind<readonly T[]> {
  const write = (how: 'yaml' | 'json') => (values: readonly T[]): Value | undefined =>
    values.length === 0 ? undefined : values.map((value) => shownOr(item[how](value), typeof value === 'string' ? value : new Map()));
  return {
    read: (value, path) => (Array.isArray(value) ? value : value === null ? [] : [value]).map((entry, index) => item.read(entry, [...path, String(index)])),
    yaml: write('yaml'),
    json: write('json'),
  };
}

/** Lists of text in which numbers may stand. */
export const texts: Kind<readonly string[]> = list(kind((value) => goText(value), (value: string) => value));

/** A mapping by names of the user, written in the order of the names. */
export function dictionary<T>(item: Kind<T>): Kind<ReadonlyMap<string, T>> {
  const write = (how: 'yaml' | 'json') => (values: ReadonlyMap<string, T>): Value | undefined =>
    values.size === 0 ? undefined : new Map(sorted(values).map(([key, value]) => [key, shownOr(item[how](value), new Map())]));
  return {
    read: (value, path) => {
      if (value === null) return new Map();
      if (!isMapping(value)) throw wrong(value, path, 'a mapping');
      return new Map([...value].map(([key, entry]) => [key, item.read(entry, [...path, key])]));
    },
    yaml: write('yaml'),
    json: write('json'),
  };
}

/** What is left out elsewhere still has to show that it is there. Null is no such thing: it shows as null. */
function shownOr(shown: Value | undefined, otherwise: Value): Value {
  return shown === undefined ? otherwise : shown;
}

/** With the keys of every mapping in order, as Go writes maps. */
export function sortedDeep(value: Value): Value {
  if (Array.isArray(value)) return value.map(sortedDeep);
  return isMapping(value) ? new Map(sorted(value).map(([key, item]) => [key, sortedDeep(item)])) : value;
}

export function sorted<T>(values: ReadonlyMap<string, T>): [string, T][] {
  return [...values].sort(([a], [b]) => compareText(a, b));
}

/** A kind whose value may be null, shown as such. */
export function nullable<T>(inner: Kind<T>): Kind<T | null> {
  return {
    read: (value, path) => (value === null ? null : inner.read(value, path)),
    yaml: (value) => (value === null ? null : inner.yaml(value)),
    json: (value) => (value === null ? null : inner.json(value)),
  };
}

/** A value passed through as it is, such as an extension. */
export const anything: Kind<Value> = kind((value) => value, (value) => value);

// Each field's own type is kept by Struct: `any` only says that the record may mix them.
type AnyFields = Readonly<Record<string, Kind<any>>>;

/** Attributes by their names in the file; those that are not set are absent. `extensions` has the keys that start with `x-`. */
export type Struct<F> = { readonly [K in keyof F]?: Static<F[K]> } & { readonly extensions?: Mapping };

interface StructOptions {
  /** Names in JSON where they are not those of the file. */
  readonly jsonNames?: Readonly<Record<string, string>>;
  /** JSON shows the struct even when nothing in it is set, as a struct that is no pointer. */
  readonly embedded?: boolean;
}

/** A mapping with known attributes, written in the order given here. */
export function struct<F extends AnyFields>(fields: F, { jsonNames = {}, embedded = false }: StructOptions = {}): Kind<Struct<F>> {
  const entries = Object.entries(fields);
  const write = (how: 'yaml' | 'json', value: Struct<F>): Mapping => {
    const mapping: Mapping = new Map();
    const given = value as Readonly<Record<string, unknown>>;
    for (const [name, field] of entries) {
      const shown = given[name] === undefined ? (how === 'json' ? field.unset : undefined) : field[how](given[name]);
      if (shown !== undefined) mapping.set(how === 'json' ? jsonNames[name] ?? name : name, shown);
    }
    if (how === 'yaml') for (const [key, extension] of sorted(value.extensions ?? new Map<string, Value>())) mapping.set(key, sortedDeep(extension));
    return mapping;
  };
  const shown = (mapping: Mapping): Mapping | undefined => (embedded && mapping.size === 0 ? undefined : mapping);
  return {
    read: (value, path) => readStruct(value, path, fields),
    yaml: (value) => shown(write('yaml', value)),
    json: (value) => write('json', value),
    ...(embedded ? { unset: embeddedUnset(entries) } : {}),
  };
}

function embeddedUnset(entries: readonly (readonly [string, Pick<Kind<unknown>, 'unset'>])[]): Mapping {
  return new Map(entries.flatMap(([name, field]): [string, Value][] => (field.unset === undefined ? [] : [[name, field.unset]])));
}

function readStruct<F extends AnyFields>(value: Value, path: Path, fields: F): Struct<F> {
  if (value !== null && !isMapping(value)) throw wrong(value, path, 'a mapping');
  const result: Record<string, unknown> = {};
  const extensions: Mapping = new Map();
  for (const [key, entry] of value ?? []) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined && key.startsWith('x-')) extensions.set(key, entry);
    // A value of null is the same as none.
    if (field !== undefined && entry !== null) result[key] = field.read(entry, [...path, key]);
  }
  if (extensions.size > 0) result['extensions'] = extensions;
  return result as Struct<F>;
}

export function wrong(value: Value, path: Path, wanted: string): Error {
  return problem(path, `must be ${wanted}, not ${typeName(value)}`);
}
