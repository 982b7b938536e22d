/** Short names for what is in use, by a text of any length: given when the first user comes, taken back when the last has gone. */
export class CountedNames {
  readonly #prefix: string;
  readonly #known = new Map<string, { readonly name: string; users: number }>();
  #last = 0;

  /** @param prefix what the names begin with; a number follows, no name comes twice */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @returns whether it is the first */
  take(text: string): boolean {
    const known = this.#known.get(text);
    if (known !== undefined) {
      known.users += 1;
      return false;
    }
    this.#last += 1;
    this.#known.set(text, { name: `${this.#prefix}${this.#last}`, users: 1 });
    return true;
  }

  /** @returns the name where nobody uses it any more */
  release(text: string): string | undefined {
    const known = this.#known.get(text);
    if (known === undefined) return undefined;
    known.users -= 1;
    if (known.users > 0) return undefined;
    this.#known.delete(text);
    return known.name;
  }

  find(text: string): string | undefined {
    return this.#known.get(text)?.name;
  }

  texts(): Iterable<string> {
    return this.#known.keys();
  }

  names(): readonly string[] {
    return [...this.#known.values()].map(({ name }) => name);
  }
}
