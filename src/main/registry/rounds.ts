/** Work that is done again and again, and begun anew only when it is over. */
export class Rounds {
  readonly #everyMs: number;
  readonly #work: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isOver = false;

  /** @param everyMs from the end of one to the begin of the next; 0 for never */
  constructor(everyMs: number, work: () => Promise<void>) {
    this.#everyMs = everyMs;
    this.#work = work;
    this.#schedule();
  }

  /** When what is under way is over, and nothing follows. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    if (this.#everyMs === 0 || this.#isOver) return;
    this.#timer = setTimeout(() => { this.#running = this.#work().finally(() => this.#schedule()); }, this.#everyMs);
  }
}
