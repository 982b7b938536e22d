import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';

/**
 * Reads fields of a JSON object and names the place in messages. `null` counts as absent: Go writes empty slices so.
 * Go also takes keys in any case, so a key that differs from a known one only by case would mean something to other
 * engines and nothing here; it is refused.
 */
export class Shape {
  readonly value: JsonObject;
  readonly #where: string;

  constructor(value: Json | undefined, where: string, known: readonly string[]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'is not an object');
    this.value = value as JsonObject;
    this.#where = where;
    const lower = new Map(known.map((key) => [key.toLowerCase(), key]));
    for (const key of Object.keys(this.value)) {
      const exact = lower.get(key.toLowerCase());
      if (exact !== undefined && exact !== key) {
        throw wrong(where, `has the key ${JSON.stringify(key)}, which some readers take for ${JSON.stringify(exact)}`);
      }
    }
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  string(key: string): string | undefined {
    const value = this.#get(key);
    if (value !== undefined && typeof value !== 'string') throw this.#wrong(key, 'a string');
    return value;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#get(key);
    if (value !== undefined && typeof value !== 'boolean') throw this.#wrong(key, 'true or false');
    return value;
  }

  /** An integer of at least `least`, exactly representable. */
  integer(key: string, least = 0): number | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) throw this.#wrong(key, `an integer of at least ${least}`);
    return value;
  }

  strings(key: string): readonly string[] | undefined {
    const value = this.array(key);
    if (value?.some((item) => typeof item !== 'string')) throw this.#wrong(key, 'a list of strings');
    return value as readonly string[] | undefined;
  }

  stringMap(key: string): Readonly<Record<string, string>> | undefined {
    const value = this.#object(key, 'an object of strings');
    if (value === undefined) return undefined;
    if (Object.values(value).some((item) => typeof item !== 'string')) throw this.#wrong(key, 'an object of strings');
    return value as Readonly<Record<string, string>>;
  }

  /** Go's way to write a set: `{"80/tcp": {}}`. */
  keys(key: string): readonly string[] | undefined {
    const value = this.#object(key, 'an object');
    return value === undefined ? undefined : Object.keys(value);
  }

  array(key: string): readonly Json[] | undefined {
    const value = this.#get(key);
    if (value !== undefined && !Array.isArray(value)) throw this.#wrong(key, 'a list');
    return value as readonly Json[] | undefined;
  }

  required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw wrong(this.#where, `has no ${JSON.stringify(key)}`);
    return value;
  }

  #object(key: string, expected: string): JsonObject | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) throw this.#wrong(key, expected);
    return value as JsonObject;
  }

  #get(key: string): Exclude<Json, null> | undefined {
    return Object.hasOwn(this.value, key) ? this.value[key] ?? undefined : undefined;
  }

  #wrong(key: string, expected: string): GantryError {
    return wrong(this.#where, `has a field ${JSON.stringify(key)} that is not ${expected}`);
  }
}

/** The fields that are there: optional properties must not be set to undefined. */
export function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function wrong(where: string, what: string): GantryError {
  return new GantryError('invalid', `${where} ${what}`);
}
