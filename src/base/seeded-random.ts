import type { Random } from './random.ts';

/**
 * Chance that repeats: the same seed gives the same bytes on every machine. For tests and the
 * simulator, never for keys. The generator is sfc32 (PractRand, Chris Doty-Humphrey), seeded by FNV-1a.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string | number) {
    const text = String(seed);
    this.#a = fnv1a(`a${text}`);
    this.#b = fnv1a(`b${text}`);
    this.#c = fnv1a(`c${text}`);
    // Seeds that differ in one character differ in few bits at first.
    for (let round = 0; round < 12; round++) this.uint32();
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.uint32();
      for (let index = 0; index < 4 && at + index < length; index++) bytes[at + index] = word >>> (8 * index);
    }
    return bytes;
  }

  uint32(): number {
    const result = (this.#a + this.#b + this.#counter++) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) >>> 0;
    return result;
  }

  /** A whole number from 0 up to, not including, `bound` (at most 2^32). The bias is below 2^-32 * bound. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
