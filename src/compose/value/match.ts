import type { Path } from './places.ts';

interface Pattern<T> { readonly parts: readonly string[]; readonly entry: T }

/** Patterns of paths such as `services.*.ports`, split when the first is looked for. `*` stands for one part. */
export class PathTable<T> {
  readonly #entries: Readonly<Record<string, T>>;
  #byLength: Map<number, Pattern<T>[]> | undefined;

  constructor(entries: Readonly<Record<string, T>>) {
    this.#entries = entries;
  }

  find(path: Path): T | undefined {
    const patterns = (this.#byLength ??= this.#split()).get(path.length);
    if (patterns === undefined) return undefined;
    for (const { parts, entry } of patterns) if (matches(parts, path)) return entry;
    return undefined;
  }

  #split(): Map<number, Pattern<T>[]> {
    const byLength = new Map<number, Pattern<T>[]>();
    for (const pattern of Object.keys(this.#entries)) {
      const parts = pattern.split('.');
      const same = byLength.get(parts.length);
      const entry = this.#entries[pattern] as T;
      if (same === undefined) byLength.set(parts.length, [{ parts, entry }]);
      else same.push({ parts, entry });
    }
    return byLength;
  }
}

function matches(parts: readonly string[], path: Path): boolean {
  for (let index = 0; index < parts.length; index += 1) if (parts[index] !== '*' && parts[index] !== path[index]) return false;
  return true;
}
