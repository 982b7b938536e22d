import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planEviction, type Candidate } from './eviction.ts';

const NOW = 1_000_000n;
const watermarks = { high: 85, low: 80, graceNs: 100n };
const image = (id: string, lastUsedNs: bigint, size: number, more: Partial<Candidate> = {}): Candidate => ({ id, parts: [{ id: `chain ${id}`, bytes: size }], lastUsedNs, isKept: false, ...more });
const plan = (free: number, ...images: Candidate[]) => planEviction('the disk', { total: 1000, free }, watermarks, images, NOW);

test('nothing goes below the high watermark', () => {
  assert.deepEqual(plan(151, image('a', 0n, 500)), { steps: [] });
});

test('from there on what was used longest ago goes, down to the low one', () => {
  const { steps, shortfall } = plan(100, image('new', 500n, 60), image('old', 1n, 60), image('middle', 30n, 60));
  assert.deepEqual(steps.map(({ id, bytes }) => [id, bytes]), [['old', 60], ['middle', 60]]);
  assert.equal(steps[0]?.cause, 'the disk is 90 % full, more than 85 %');
  assert.equal(shortfall, undefined);
});

test('what is kept or new stays, and that is said where it is not enough', () => {
  const { steps, shortfall } = plan(0, image('kept', 0n, 900, { isKept: true }), image('fresh', NOW - 99n, 900));
  assert.deepEqual(steps, []);
  assert.match(shortfall ?? '', /100 % full.*nothing can be removed/);
});

test('a part of two comes free with the second', () => {
  const partsOf = (top: string) => ({ parts: [{ id: 'base', bytes: 100 }, { id: top, bytes: 10 }] });
  const { steps } = plan(100, image('a', 1n, 0, partsOf('top')), image('b', 2n, 0, partsOf('other')), image('c', 3n, 100));
  assert.deepEqual(steps.map(({ id, bytes }) => [id, bytes]), [['a', 10], ['b', 110]]);
});
