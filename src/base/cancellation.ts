/** Tells work that nobody waits for its outcome any more. Who waits cancels, who works listens. */
export class Cancellation {
  readonly #listeners = new Set<() => void>();
  #isCancelled = false;

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  /** Calls back once, at once where it is past. @returns to stop listening, so that long work leaves nothing behind */
  onCancel(callback: () => void): () => void {
    if (this.#isCancelled) callback();
    else this.#listeners.add(callback);
    return () => void this.#listeners.delete(callback);
  }
}
