import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processCount } from './process-count.ts';

const MB = 1 << 20;
const equal = (layers: number, size = 100 * MB): number[] => Array<number>(layers).fill(size);

test('as many processes as processors, where layers are as many again', () => {
  assert.deepEqual([1, 2, 4, 8].map((layers) => processCount(equal(layers), 2)), [1, 2, 2, 2]);
  assert.equal(processCount(equal(12), 4), 4);
});

test('one more where a processor would have nothing to do in the end', () => {
  assert.deepEqual([processCount(equal(3, 800 * MB), 2), processCount(equal(5, 800 * MB), 2)], [3, 3]);
  assert.equal(processCount([900 * MB, 300 * MB, 300 * MB, 300 * MB], 2), 2);
});

test('small layers are not worth a process each, and there are no more than five', () => {
  assert.deepEqual([processCount(equal(20, 1000), 2), processCount([], 2), processCount(equal(3, 0), 1)], [1, 1, 1]);
  assert.equal(processCount(equal(50, 800 * MB), 64), 5);
});
