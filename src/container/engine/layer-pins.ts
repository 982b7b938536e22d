/** Layers that work under way counts on: what would be removed meanwhile stays until nobody counts on it any more. */
export class LayerPins {
  readonly #held = new Map<string, number>();
  readonly #doomed = new Set<string>();
  readonly #letGo: (chains: readonly string[]) => void;

  /** @param letGo is told what somebody wanted to remove while it was held, and nobody holds now */
  constructor(letGo: (chains: readonly string[]) => void) {
    this.#letGo = letGo;
  }

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
      const free = chains.filter((chain) => !this.#held.has(chain) && this.#doomed.delete(chain));
      if (free.length > 0) this.#letGo(free);
    };
  }

  has(chain: string): boolean {
    return this.#held.has(chain);
  }

  /** To be asked before a removal: where it is true the layer goes when it is let go. */
  keeps(chain: string): boolean {
    if (!this.#held.has(chain)) return false;
    this.#doomed.add(chain);
    return true;
  }
}
