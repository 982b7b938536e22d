import { goText } from '../value/go-text.ts';
import { isMapping, mappingAt, type Mapping, type Value } from '../value/value.ts';
import type { Lookup } from '../interpolate/template.ts';

/** Where the loaded value of a secret is kept: never printed, and no key that a file may use. */
export const SECRET_VALUE = 'x-#value';

/** Variables named without a value take the environment's; secrets and configs from the environment get theirs. */
export function withEnvironment(model: Mapping, lookup: Lookup): Mapping {
  const resolved: Mapping = new Map(model);
  each(resolved, 'services', (service) => {
    const environment = service.get('environment');
    if (!Array.isArray(environment)) return service;
    const list = environment.filter((entry) => typeof entry === 'string').map((name) => {
      const value = lookup(name);
      return value === undefined ? name : `${name}=${value}`;
    });
    return new Map(service).set('environment', list);
  });
  each(resolved, 'secrets', (secret) => withValue(secret, SECRET_VALUE, lookup));
  each(resolved, 'configs', (config) => withValue(config, 'content', lookup));
  return resolved;
}

function withValue(file: Mapping, key: string, lookup: Lookup): Mapping {
  const name = file.get('environment');
  const value = typeof name === 'string' ? lookup(name) : undefined;
  return value === undefined ? file : new Map(file).set(key, value);
}

/** Replaces the mappings of a section. */
export function each(model: Mapping, section: string, change: (entry: Mapping, name: string) => Mapping): void {
  const entries = mappingAt(model, section);
  if (entries === undefined) return;
  model.set(section, new Map([...entries].map(([name, entry]): [string, Value] => [name, isMapping(entry) ? change(entry, name) : entry])));
}

/** `KEY` of a list or `KEY:` of a mapping with the value that the environment has. Without one it is kept or dropped. */
export function resolveKeys(value: Value, lookup: Lookup, keepEmpty: boolean): Value {
  if (isMapping(value)) {
    return new Map([...value].flatMap(([key, given]): [string, Value][] => {
      const found = given ?? lookup(key) ?? null;
      return found === null && !keepEmpty ? [] : [[key, found]];
    }));
  }
  if (!Array.isArray(value)) return value;
  return value.map(goText).flatMap((entry) => {
    if (entry.includes('=')) return [entry];
    const found = lookup(entry);
    return found === undefined ? (keepEmpty ? [entry] : []) : [`${entry}=${found}`];
  });
}
