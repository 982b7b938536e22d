import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { KeyedLock } from './keyed-lock.ts';
import { OpenCopies } from './open-copies.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the end of a container waits for its copies, and gives them up when its patience ends', async () => {
  const clock = new ManualClock();
  const copies = new OpenCopies(clock);
  await copies.settled('a');
  let givenUp = 0;
  const first = copies.begin('a', () => { givenUp += 1; });
  const second = copies.begin('a', () => { givenUp += 1; second(); });
  copies.begin('b', () => assert.fail('another container\'s'));
  let isSettled = false;
  const settled = copies.settled('a').then(() => { isSettled = true; });
  await turn();
  assert.equal(isSettled, false);
  first();
  clock.advance(5000);
  await settled;
  assert.equal(givenUp, 2);
});

test('a copy that can not be given up holds the end no longer than twice the patience', async () => {
  const clock = new ManualClock();
  const copies = new OpenCopies(clock);
  copies.begin('a', () => {});
  let isSettled = false;
  const settled = copies.settled('a').then(() => { isSettled = true; });
  clock.advance(9999);
  await turn();
  assert.equal(isSettled, false);
  clock.advance(1);
  await settled;
});

test('a held lock keeps others out until it is given back, in the order of asking', async () => {
  const lock = new KeyedLock();
  const seen: string[] = [];
  const release = await lock.hold('a');
  const later = lock.run('a', async () => void seen.push('later'));
  await lock.run('b', async () => void seen.push('other key'));
  await turn();
  seen.push('release');
  release();
  release();
  await later;
  assert.deepEqual(seen, ['other key', 'release', 'later']);
});
