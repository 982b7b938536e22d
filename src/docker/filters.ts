import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { isObject } from './decode.ts';
import { patternMatches } from './filter-pattern.ts';

/** The `filters` parameter: keys with sets of values. */
export class Filters {
  readonly #fields = new Map<string, Set<string>>();

  /** Reads both encodings: `{"label":{"a=b":true}}` and `{"label":["a=b"]}`. */
  static parse(text: string | null): Filters {
    const filters = new Filters();
    if (text === null || text === '') return filters;
    const invalid = (): GantryError => new GantryError('invalid', 'invalid filter', { hint: 'filters are JSON, as {"label":["a=b"]}' });
    const json = tryParse(text);
    if (json === null) return filters;
    if (!isObject(json)) throw invalid();
    for (const key of Object.keys(json)) {
      const given = json[key] ?? null;
      const values = Array.isArray(given) ? given : isObject(given) ? Object.keys(given).filter((value) => given[value] !== false) : given === null ? [] : undefined;
      if (values === undefined || !values.every((value: Json) => typeof value === 'string')) throw invalid();
      filters.#fields.set(key, new Set(values as string[]));
    }
    return filters;

    function tryParse(source: string): Json {
      try {
        return JSON.parse(source) as Json;
      } catch {
        throw invalid();
      }
    }
  }

  get isEmpty(): boolean {
    return this.#fields.size === 0;
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  values(key: string): readonly string[] {
    return [...(this.#fields.get(key) ?? [])];
  }

  add(key: string, value: string): void {
    const values = this.#fields.get(key) ?? new Set();
    this.#fields.set(key, values.add(value));
  }

  /** @throws GantryError invalid for a key that the list does not take */
  accept(...keys: readonly string[]): void {
    for (const key of this.#fields.keys()) {
      if (!keys.includes(key)) throw new GantryError('invalid', `invalid filter '${key}'`);
    }
  }

  /** One of the values is the source; also where none is given. */
  matchesExactly(key: string, source: string): boolean {
    const values = this.#fields.get(key);
    return values === undefined || values.size === 0 || values.has(source);
  }

  /** One of the values is the source, or a pattern found in it. */
  matches(key: string, source: string): boolean {
    return this.matchesExactly(key, source) || this.values(key).some((pattern) => patternMatches(pattern, source));
  }

  /** One of the values is the beginning of the source. */
  matchesBeginning(key: string, source: string): boolean {
    return this.matchesExactly(key, source) || this.values(key).some((value) => source.startsWith(value));
  }

  /** All values, as `key` or `key=value`, are among the labels. */
  matchesLabels(key: string, labels: Readonly<Record<string, string>>): boolean {
    return this.values(key).every((value) => {
      const end = value.indexOf('=');
      const name = end < 0 ? value : value.slice(0, end);
      return Object.hasOwn(labels, name) && (end < 0 || labels[name] === value.slice(end + 1));
    });
  }

  /** Labels of a prune: `label` keeps what has them, `label!` what has not. */
  matchesPruneLabels(labels: Readonly<Record<string, string>>): boolean {
    return this.matchesLabels('label', labels) && !(this.has('label!') && this.matchesLabels('label!', labels));
  }

  flag(key: string, otherwise: boolean): boolean {
    const values = this.#fields.get(key);
    if (values === undefined) return otherwise;
    const no = values.has('0') || values.has('false');
    const yes = values.has('1') || values.has('true');
    if (no === yes) throw new GantryError('invalid', `invalid filter '${key}=[${[...values].join(' ')}]'`);
    return yes;
  }
}
