import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Sha256 } from './_sha256.ts';

test('it is what Node computes, in pieces of any size', () => {
  const bytes = randomBytes(300_000);
  for (const size of [1, 55, 64, 119, 4096, 65_537, bytes.length]) {
    const hash = new Sha256();
    const length = Math.min(bytes.length, 700 * size);
    for (let at = 0; at < length; at += size) hash.update(bytes.subarray(at, Math.min(at + size, length)));
    hash.update(new Uint8Array(0));
    assert.equal(hash.end(), createHash('sha256').update(bytes.subarray(0, length)).digest('hex'), String(size));
  }
  assert.equal(new Sha256().end(), createHash('sha256').digest('hex'));
});

test('several at a time do not disturb each other', () => {
  const hashes = Array.from({ length: 5 }, () => new Sha256());
  for (let round = 0; round < 100; round += 1) hashes.forEach((hash, index) => hash.update(Buffer.alloc(100 + round, index)));
  hashes.forEach((hash, index) => {
    const expected = createHash('sha256');
    for (let round = 0; round < 100; round += 1) expected.update(Buffer.alloc(100 + round, index));
    assert.equal(hash.end(), expected.digest('hex'));
  });
});
