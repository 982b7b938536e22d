import type { Path } from './places.ts';

/** Patterns of paths such as `services.*.ports`, split once. `*` stands for one part. */
export class PathTable<T> {
  readonly #byLength = new Map<number, { readonly parts: readonly string[]; readonly entry: T }[]>();

  constructor(entries: Readonly<Record<string, T>>) {
    for (const [pattern, entry] of Object.entries(entries)) {
      const parts = pattern.split('.');
      const same = this.#byLength.get(parts.length) ?? [];
      same.push({ parts, entry });
      this.#byLength.set(parts.length, same);
    }
  }

  find(path: Path): T | undefined {
    return this.#byLength.get(path.length)?.find(({ parts }) => parts.every((part, index) => part === '*' || part === path[index]))?.entry;
  }
}
