import type { Timers } from '#base/clock.ts';
import { within } from '#base/within.ts';

/** A client that is slower than this, after the container has ended, has lost it. */
const PATIENCE_MS = 5000;

interface Copy {
  readonly done: Promise<void>;
  readonly giveUp: () => void;
}

/**
 * Copies out of and into containers that run. They hold no lock, so that a slow client keeps nobody from stopping the
 * container; but its file systems must not be mounted a second time, by a restart, before the last of them has let go.
 */
export class OpenCopies {
  readonly #timers: Timers;
  readonly #open = new Map<string, Set<Copy>>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** @param giveUp ends the copy from outside. @returns to be called when it is over */
  begin(id: string, giveUp: () => void): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const copy: Copy = { done: promise, giveUp };
    const mine = this.#open.get(id) ?? new Set();
    this.#open.set(id, mine.add(copy));
    return () => {
      mine.delete(copy);
      if (mine.size === 0 && this.#open.get(id) === mine) this.#open.delete(id);
      resolve();
    };
  }

  /** Until all copies of the container are over, or twice the patience has passed. */
  async settled(id: string): Promise<void> {
    const open = [...this.#open.get(id) ?? []];
    if (open.length === 0) return;
    const cancel = this.#timers.after(PATIENCE_MS, () => open.forEach((copy) => copy.giveUp()));
    // One that hangs in the kernel, on a dead file server, must not hold the container's end for ever.
    await within<unknown>(this.#timers, 2 * PATIENCE_MS, Promise.all(open.map((copy) => copy.done)), () => {});
    cancel();
  }
}
