import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCollection, type Candidate } from './plan.ts';

const NOW = 1_000_000n;
const watermarks = { high: 85, low: 80, graceNs: 100n };
const image = (id: string, lastUsedNs: bigint, size: number, more: Partial<Candidate> = {}): Candidate => ({ id, chainIds: [`chain ${id}`], layerSizes: [size], lastUsedNs, isUsed: false, isPinned: false, ...more });
const plan = (free: number, ...images: Candidate[]) => planCollection({ total: 1000, free }, watermarks, images, NOW);

test('nothing goes below the high watermark', () => {
  assert.deepEqual(plan(151, image('a', 0n, 500)), { steps: [] });
});

test('from there on what was used longest ago goes, down to the low one', () => {
  const { steps, shortfall } = plan(100, image('new', 500n, 60), image('old', 1n, 60), image('middle', 30n, 60));
  assert.deepEqual(steps.map(({ id, bytes }) => [id, bytes]), [['old', 60], ['middle', 60]]);
  assert.equal(steps[0]?.cause, 'the disk of the images is 90 % full, more than 85 %');
  assert.equal(shortfall, undefined);
});

test('what is used, pinned or new stays, and that is said where it is not enough', () => {
  const { steps, shortfall } = plan(0, image('used', 0n, 900, { isUsed: true }), image('pinned', 0n, 900, { isPinned: true }), image('fresh', NOW - 99n, 900));
  assert.deepEqual(steps, []);
  assert.match(shortfall ?? '', /100 % full.*no image can be removed/);
});

test('a layer of two images comes free with the second', () => {
  const base = { chainIds: ['base', 'top'], layerSizes: [100, 10] };
  const { steps } = plan(100, image('a', 1n, 0, base), image('b', 2n, 0, { ...base, chainIds: ['base', 'other'] }), image('c', 3n, 100));
  assert.deepEqual(steps.map(({ id, bytes }) => [id, bytes]), [['a', 10], ['b', 110]]);
});
