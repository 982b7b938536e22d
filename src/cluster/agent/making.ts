import { GantryError } from '#base/error.ts';

/** Containers that are made at once: with many, each waits for the others, and all together take twice as long (docs/decisions/0020-store.md). */
const MOST = 8;

/** The making of containers, a few at a time, in the order in which it is asked for. */
export class Making {
  readonly #running = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #hasEnded = false;

  /** @throws GantryError interrupted once it has ended, also for what still waits by then */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < MOST) this.#taken += 1;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await this.#run(work);
    } finally {
      // A place that somebody waits for is handed on: nobody who comes meanwhile takes it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  /** Settles when nothing is being made any more. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await Promise.allSettled(this.#running);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hasEnded) throw new GantryError('interrupted', 'the agent of this node has ended');
    const made = work();
    this.#running.add(made);
    try {
      return await made;
    } finally {
      this.#running.delete(made);
    }
  }
}
