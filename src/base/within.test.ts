import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './manual-clock.ts';
import { within } from './within.ts';

test('what settles in time is answered, and no timer is left', async () => {
  const clock = new ManualClock();
  assert.equal(await within(clock, 100, Promise.resolve(7), () => 0), 7);
  await assert.rejects(within(clock, 100, Promise.reject(new TypeError('broken')), () => 0), /broken/);
  assert.equal(clock.pendingTimers(), 0);
});

test('what does not is given up at the limit, and not before', async () => {
  const clock = new ManualClock();
  const { promise, reject } = Promise.withResolvers<number>();
  const answers: number[] = [];
  const waiting = within(clock, 100, promise, () => -1).then((answer) => answers.push(answer));
  await clock.run(99);
  assert.deepEqual(answers, []);
  await clock.run(1);
  await waiting;
  assert.deepEqual(answers, [-1]);
  // Nobody hears of it any more; an unhandled rejection would fail this test.
  reject(new TypeError('too late'));
});

test('who is late may be refused', async () => {
  const clock = new ManualClock();
  const waiting = assert.rejects(within(clock, 5, new Promise<void>(() => {}), () => { throw new RangeError('late'); }), /late/);
  await clock.run(5);
  await waiting;
});
