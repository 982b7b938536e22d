import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNaturally } from './_natural.ts';

test('names are in the order of docker volume ls', () => {
  // As docker 28.2 prints them.
  const names = ['v', 'v0', 'v0-01x', 'v00', 'v1', 'v1-01x', 'v1a', 'v01', 'v01-01x', 'v01a', 'v001', 'v2', 'v10', 'v10-01x', 'v010', 'va', 'va-01x', 'vb1', 'vb-1', 'vbb'];
  assert.deepEqual(names.toReversed().sort(compareNaturally), names);
  for (const name of names) assert.equal(compareNaturally(name, name), 0);
});
