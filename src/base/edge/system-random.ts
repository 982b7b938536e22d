import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from '../random.ts';

/** Drawn at once: a call costs more than the bytes of an id. */
const POOL_BYTES = 4096;
const LARGEST_FROM_POOL = 64;

/** The kernel's generator, fit for ids and keys. */
export class SystemRandom implements Random {
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  bytes(length: number): Uint8Array {
    if (length > LARGEST_FROM_POOL) return randomBytes(length);
    if (this.#used + length > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const drawn = this.#pool.slice(this.#used, this.#used + length);
    // What was given out is nobody else's to find.
    this.#pool.fill(0, this.#used, this.#used += length);
    return drawn;
  }
}
