import type { Json, JsonObject } from '#base/json.ts';
import { Float, type Mapping, type Value } from '../value/value.ts';

/** A Kubernetes object, its fields in the order in which they are written. */
export interface Manifest extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string };
}

/** The value that YAML is written of. Fields that are undefined are none. */
export function manifestValue(json: Json): Value {
  if (Array.isArray(json)) return (json as readonly Json[]).map(manifestValue);
  if (typeof json === 'number') return Number.isInteger(json) ? json : new Float(json);
  if (typeof json !== 'object' || json === null) return json as string | boolean | null;
  const mapping: Mapping = new Map();
  for (const [key, value] of Object.entries(json)) if (value !== undefined) mapping.set(key, manifestValue(value));
  return mapping;
}

/** A list, or nothing where it is empty. */
export function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** A record, or nothing where it has no entries. */
export function someOf<T extends object>(record: T): T | undefined {
  return Object.values(record).every((value) => value === undefined) ? undefined : record;
}
