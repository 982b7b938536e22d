import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberOptions } from './options.ts';

test('options are numbers, the rest stays', () => {
  assert.deepEqual(numberOptions(['tar', '--runs', '50', 'dns'], { runs: 10, seed: 1 }), { options: { runs: 50, seed: 1 }, rest: ['tar', 'dns'] });
});

test('what is no option or no number is refused', () => {
  assert.throws(() => numberOptions(['--round', '5'], { runs: 10 }), /there are --runs/);
  assert.throws(() => numberOptions(['--runs', 'many'], { runs: 10 }), /whole number/);
  assert.throws(() => numberOptions(['--runs'], { runs: 10 }), /whole number/);
});
