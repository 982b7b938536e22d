import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNaturally } from './_natural.ts';

test('names are in the order in which docker lists them', () => {
  const ordered = ['0d3e', '0d81', '1a', '1d8f', '1d43', '01d8', '2b2e', 'a', 'a1b', 'a1c', 'ab', 'net', 'net2', 'net02', 'net10'];
  assert.deepEqual(ordered.toReversed().sort(compareNaturally), ordered);
});
