/** One thing at a time for each key, in the order of asking. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** Like `run` where the end of the work is no promise: the answer gives the key free again. */
  async hold(key: string): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { promise: held, resolve: begin } = Promise.withResolvers<void>();
    void this.run(key, async () => {
      begin();
      await promise;
    });
    await held;
    return resolve;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    const tail = mine.then(() => undefined, () => undefined);
    this.#tails.set(key, tail);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
