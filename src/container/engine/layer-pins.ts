/** Layers that work under way counts on: no removal of an image takes them away. */
export class LayerPins {
  readonly #held = new Map<string, number>();

  /** Until the answer is called. */
  hold(chains: readonly string[]): () => void {
    for (const chain of chains) this.#held.set(chain, (this.#held.get(chain) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      for (const chain of chains) {
        const left = (this.#held.get(chain) ?? 0) - 1;
        if (left > 0) this.#held.set(chain, left);
        else this.#held.delete(chain);
      }
    };
  }

  has(chain: string): boolean {
    return this.#held.has(chain);
  }
}
