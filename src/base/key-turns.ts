/** Work on the same keys is done one after the other, in the order in which it came; other work goes beside it. */
export class KeyTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const mine = before.length === 0 ? work() : Promise.allSettled(before).then(work);
    const leave = (): void => this.#leave(keys, settled);
    const settled: Promise<void> = mine.then(leave, leave);
    for (const key of keys) this.#last.set(key, settled);
    return mine;
  }

  #leave(keys: readonly string[], settled: Promise<unknown>): void {
    for (const key of keys) if (this.#last.get(key) === settled) this.#last.delete(key);
  }
}
