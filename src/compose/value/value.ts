/** A mapping of user text: a Map, so that `__proto__` is a key like any other. */
export type Mapping = Map<string, Value>;

/** What a YAML document holds once its scalars are resolved. Whole numbers are `number`, others {@link Float}. */
export type Value = string | number | boolean | null | Float | Value[] | Mapping;

/** A number that YAML wrote as a float. `1.0` is told apart from `1`, because a schema tells them apart. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export function isMapping(value: Value | undefined): value is Mapping {
  return value instanceof Map;
}

/** The mapping under a key, if there is one. */
export function mappingAt(value: Value | undefined, key: string): Mapping | undefined {
  const found = isMapping(value) ? value.get(key) : undefined;
  return isMapping(found) ? found : undefined;
}

export function stringAt(value: Value | undefined, key: string): string | undefined {
  const found = isMapping(value) ? value.get(key) : undefined;
  return typeof found === 'string' ? found : undefined;
}

export function equalValues(a: Value, b: Value): boolean {
  if (a instanceof Float && b instanceof Float) return a.value === b.value;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => equalValues(item, b[index] as Value));
  if (isMapping(a) && isMapping(b)) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equalValues(value, b.get(key) as Value));
  }
  return a === b;
}

/** The name of a value's type for a person: what the compose file says, not what we hold. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (isMapping(value)) return 'mapping';
  return value instanceof Float ? 'number' : typeof value;
}
