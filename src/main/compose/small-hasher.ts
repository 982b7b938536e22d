import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Hasher } from '#base/hasher.ts';

/**
 * SHA-256 of a few small values in a program that lives for a moment: to load the bindings of OpenSSL takes longer than to
 * start all the rest of the command line.
 */
export class SmallHasher implements Hasher {
  sha256(bytes: Uint8Array): string {
    return bytesToHex(sha256(bytes));
  }
}
