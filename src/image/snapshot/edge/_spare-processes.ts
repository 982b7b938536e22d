/** Work that comes at once takes as many; more would only wait. */
const MOST = 4;
/** What one step did not need, the next may. */
const KEPT_MS = 2000;

export interface SpareParts<P> {
  readonly start: () => P;
  readonly end: (process: P) => void;
  /** By itself. */
  readonly hasEnded: (process: P) => boolean;
}

/** Processes that were started for work that is not known yet. */
export class SpareProcesses<P> {
  readonly #parts: SpareParts<P>;
  readonly #waiting: P[] = [];
  #wanted = 0;
  #trimming: NodeJS.Timeout | undefined;

  constructor(parts: SpareParts<P>) {
    this.#parts = parts;
  }

  /** Has one more wait. What is answered takes the wish back: for a while it waits still. */
  warm(): () => void {
    this.#wanted += 1;
    if (this.#waiting.length < Math.min(this.#wanted, MOST)) this.#waiting.push(this.#parts.start());
    let isWanted = true;
    return () => {
      if (isWanted) this.#wanted -= 1;
      isWanted = false;
      // Not when an earlier while is over: it would end what the next build is about to take.
      clearTimeout(this.#trimming);
      this.#trimming = setTimeout(() => this.#trim(), KEPT_MS).unref();
    };
  }

  take(): P | undefined {
    for (let spare = this.#waiting.shift(); spare !== undefined; spare = this.#waiting.shift()) if (!this.#parts.hasEnded(spare)) return spare;
    return undefined;
  }

  #trim(): void {
    for (const spare of this.#waiting.splice(this.#wanted)) this.#parts.end(spare);
  }
}
