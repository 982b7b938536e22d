import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { shrinkYoungGeneration } from './young-generation.ts';

const youngBytes = (): number => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.physical_space_size ?? 0;

test('a young generation that work made large is small again', () => {
  const kept: unknown[] = [];
  for (let made = 0; made < 1_000_000; made++) kept[made % 10_000] = { made, list: [made] };
  kept.length = 0;
  const before = youngBytes();
  assert.equal(shrinkYoungGeneration(), true, `${before} bytes`);
  assert.ok(youngBytes() < before / 2, `${youngBytes()} bytes of ${before}`);
  assert.equal(shrinkYoungGeneration(), false, 'there is nothing left to gain');
});
