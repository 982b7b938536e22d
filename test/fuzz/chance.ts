import { SeededRandom } from '../../src/base/seeded-random.ts';

/** Drawn from a seed: the same one gives the same requests. */
export class Chance {
  readonly #random: SeededRandom;

  constructor(seed: string) {
    this.#random = new SeededRandom(seed);
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  /** True so often in a hundred. */
  percent(often: number): boolean {
    return this.#random.below(100) < often;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item;
  }
}
