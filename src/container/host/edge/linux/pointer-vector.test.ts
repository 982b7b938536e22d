import assert from 'node:assert/strict';
import ffi from 'node:ffi';
import { test } from 'node:test';
import fc from 'fast-check';
import { pointerVector } from './pointer-vector.ts';

test('each pointer leads to its string, and the last is null', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '漢', ' ', '=') })), (strings) => {
    const vector = pointerVector(strings);
    const read = strings.map((_, index) => ffi.toString(vector.readBigUInt64LE(index * 8)));
    assert.deepEqual(read, strings);
    assert.equal(vector.readBigUInt64LE(strings.length * 8), 0n);
  }));
});
