import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { SmallHasher } from './small-hasher.ts';

test('it hashes as OpenSSL does', () => {
  for (const text of ['', 'abc', 'ü'.repeat(1000)]) assert.equal(new SmallHasher().sha256(Buffer.from(text)), createHash('sha256').update(text).digest('hex'));
});
