import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmallHasher } from './sha256.ts';

const hasher = new SmallHasher();

test('SHA-256 in our own code is that of OpenSSL, around the ends of blocks too', () => {
  const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
    assert.equal(hasher.sha256(bytes), expected(bytes), `${length} bytes`);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => hasher.sha256(bytes) === expected(bytes)), { numRuns: 50 });
});
