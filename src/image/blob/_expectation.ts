import { GantryError } from '#base/error.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { PutExpectation } from './port.ts';

/** As soon as there are too many bytes, so that they are not all waited for. */
export function checkGrowth(size: number, expected: PutExpectation): void {
  if (expected.size !== undefined && size > expected.size) {
    throw new GantryError('invalid', `the content is longer than the ${expected.size} bytes that it should have`, about(expected));
  }
  if (expected.maxSize !== undefined && size > expected.maxSize) {
    throw new GantryError('too-large', `the content has more than ${expected.maxSize} bytes`, about(expected));
  }
}

export function checkComplete(digest: Digest, size: number, expected: PutExpectation): void {
  if (expected.size !== undefined && size !== expected.size) {
    throw new GantryError('invalid', `the content ended after ${size} bytes, expected ${expected.size}`, about(expected));
  }
  if (expected.digest !== undefined && digest !== expected.digest) {
    throw new GantryError('invalid', `the content does not match its digest: it hashes to ${digest}, expected ${expected.digest}`, about(expected));
  }
}

function about({ digest }: PutExpectation): { subject?: string } {
  return digest === undefined ? {} : { subject: `blob ${digest}` };
}
