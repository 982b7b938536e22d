import { randomBytes } from 'node:crypto';
import type { Random } from '../random.ts';

/** The kernel's generator, fit for ids and keys. */
export class SystemRandom implements Random {
  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}
