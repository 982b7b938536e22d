import type { TreeWork } from '#image/snapshot/tree-work.ts';

/** When the client has its answer and is about to end. */
const AFTER_MS = 100;
const KEPT_MS = 60_000;
/** A COPY and the RUN behind it. */
const CHILDREN = 2;

/**
 * Whoever built mostly builds again soon, and the steps of a small build would wait longer for their children to start than for
 * what these do: a build leaves two behind, which wait for a minute.
 */
export class SpareChildren {
  readonly #trees: Pick<TreeWork, 'warm'>;
  #timer: NodeJS.Timeout | undefined;
  #coolers: readonly (() => void)[] = [];

  constructor(trees: Pick<TreeWork, 'warm'>) {
    this.#trees = trees;
  }

  /** A build begins: for a while the children are there for its steps. */
  take(): void {
    clearTimeout(this.#timer);
    this.#coolAll();
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#coolAll();
      this.#coolers = Array.from({ length: CHILDREN }, () => this.#trees.warm());
      this.#timer = setTimeout(() => this.take(), KEPT_MS).unref();
    }, AFTER_MS).unref();
  }

  #coolAll(): void {
    for (const cool of this.#coolers) cool();
    this.#coolers = [];
  }
}
