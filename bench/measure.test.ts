import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interleave, quantile, ratioOfMedians, seededRandom, summarize } from './measure.ts';

test('each round has every subject once and begins with another', () => {
  assert.deepEqual(interleave(['a', 'b', 'c'], 4).join(''), 'abcbcacababc');
});

test('quantiles interpolate, in any order of the sample', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([4, 1, 3, 2], 0.25), 1.75);
  assert.equal(quantile([10, 9, 100], 0.5), 10);
  assert.equal(quantile([7], 0.95), 7);
});

test('a summary keeps its sample as it is', () => {
  const sample = [3, 1, 2];
  assert.deepEqual(summarize(sample), { runs: 3, lowerQuartile: 1.5, median: 2, upperQuartile: 2.5 });
  assert.deepEqual(sample, [3, 1, 2]);
});

test('a ratio lies in its interval, and the interval is one point without spread', () => {
  assert.deepEqual(ratioOfMedians([2, 2, 2], [4, 4, 4], seededRandom(1)), { ratio: 0.5, low: 0.5, high: 0.5 });
  const random = seededRandom(7);
  const noisy = (centre: number): number[] => Array.from({ length: 40 }, () => centre * (0.9 + 0.2 * random()));
  const { ratio, low, high } = ratioOfMedians(noisy(30), noisy(90), random);
  assert.ok(low < ratio && ratio < high);
  assert.ok(low > 0.28 && high < 0.39, `${low} to ${high}`);
});

test('the interval covers the truth about as often as it says', () => {
  const random = seededRandom(3);
  const sample = (): number[] => Array.from({ length: 25 }, () => 10 + random() + random() + random());
  const rounds = 60;
  const hits = Array.from({ length: rounds }, () => ratioOfMedians(sample(), sample(), random)).filter(({ low, high }) => low <= 1 && 1 <= high);
  assert.ok(hits.length >= rounds * 0.85, `${hits.length} of ${rounds}`);
});

test('the generator is even and repeats itself', () => {
  const draw = (): number[] => { const random = seededRandom(42); return Array.from({ length: 1000 }, random); };
  assert.deepEqual(draw(), draw());
  const mean = draw().reduce((sum, x) => sum + x, 0) / 1000;
  assert.ok(Math.abs(mean - 0.5) < 0.03, String(mean));
});
