import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedOutput } from './bounded-output.ts';
import { formatGoDuration } from './go-duration.ts';

test('an output is kept up to its bound, and what was cut is marked', () => {
  const output = new BoundedOutput(5);
  output.add(new TextEncoder().encode('abc'));
  assert.equal(output.text(), 'abc');
  output.add(new TextEncoder().encode('de'));
  assert.equal(output.text(), 'abcde');
  output.add(new TextEncoder().encode('f'));
  output.add(new Uint8Array(1 << 20));
  assert.equal(output.text(), 'abcde...');
});

test('durations read as in Go', () => {
  assert.deepEqual([250, 1000, 1500, 90_000, 3_600_000, 5_025_000].map(formatGoDuration), ['250ms', '1s', '1.5s', '1m30s', '1h0m0s', '1h23m45s']);
});
