import type { TreeWork } from '#image/snapshot/tree-work.ts';

/** When the client has its answer and is about to end. */
const AFTER_MS = 250;
const KEPT_MS = 60_000;

/**
 * Whoever built mostly builds again soon, and the first step of a small build would wait longer for its child to start than for
 * what it does: a build leaves one behind, which waits for a minute.
 */
export class SpareChild {
  readonly #trees: Pick<TreeWork, 'warm'>;
  #timer: NodeJS.Timeout | undefined;
  #cool = (): void => {};

  constructor(trees: Pick<TreeWork, 'warm'>) {
    this.#trees = trees;
  }

  /** A build begins: for a while the child is there for its steps. */
  take(): void {
    clearTimeout(this.#timer);
    this.#cool();
    this.#cool = () => {};
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#cool();
      this.#cool = this.#trees.warm();
      this.#timer = setTimeout(() => this.take(), KEPT_MS).unref();
    }, AFTER_MS).unref();
  }
}
