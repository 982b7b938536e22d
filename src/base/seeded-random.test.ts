import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from './seeded-random.ts';

test('a seed repeats, and near seeds do not resemble each other', () => {
  const first = new SeededRandom('a').bytes(64);
  assert.deepEqual(new SeededRandom('a').bytes(64), first);
  const other = new SeededRandom('b').bytes(64);
  const same = first.filter((byte, index) => byte === other[index]).length;
  assert.ok(same < 6, `${same} of 64 bytes agree`);
  assert.equal(new SeededRandom(7).bytes(3).length, 3);
});

test('bytes and small numbers are spread evenly', () => {
  const random = new SeededRandom(1);
  const counts = new Array<number>(256).fill(0);
  for (const byte of random.bytes(256_000)) counts[byte]!++;
  assert.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1150, `${Math.min(...counts)}..${Math.max(...counts)}`);
  const dice = new Array<number>(6).fill(0);
  for (let roll = 0; roll < 60_000; roll++) dice[random.below(6)]!++;
  assert.ok(Math.min(...dice) > 9_600 && Math.max(...dice) < 10_400, dice.join(' '));
});
