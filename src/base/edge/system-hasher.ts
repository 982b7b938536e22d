import { hash } from 'node:crypto';
import type { Hasher } from '../hasher.ts';

/** OpenSSL's SHA-256, in one call: for small values. Streams hash where they are moved. */
export class SystemHasher implements Hasher {
  sha256(bytes: Uint8Array): string {
    return hash('sha256', bytes, 'hex');
  }
}
