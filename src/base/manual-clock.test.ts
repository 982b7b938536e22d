import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './manual-clock.ts';
import { isKind } from './error.ts';

test('timers fire in the order of their time, then of their setting', () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push(`late at ${clock.monotonicMs()}`));
  clock.after(10, () => fired.push(`first at ${clock.monotonicMs()}`));
  clock.after(10, () => {
    fired.push('second');
    clock.after(5, () => fired.push(`nested at ${clock.monotonicMs()}`));
  });
  const cancel = clock.after(15, () => fired.push('never'));
  cancel();
  clock.advance(19);
  assert.deepEqual(fired, ['first at 10', 'second', 'nested at 15']);
  assert.equal(clock.pendingTimers(), 1);
  clock.advance(1);
  assert.equal(fired.at(-1), 'late at 20');
});

test('the wall clock follows, and can be stepped alone', () => {
  const clock = new ManualClock(1_000_000_000n);
  clock.advance(1.5);
  assert.equal(clock.nowNs(), 1_001_500_000n);
  clock.step(-500_000_000n);
  assert.equal(clock.nowNs(), 501_500_000n);
  assert.equal(clock.monotonicMs(), 1.5);
  assert.throws(() => clock.advance(-1), (error) => isKind(error, 'internal'));
  assert.throws(() => clock.advance(Number.NaN), (error) => isKind(error, 'internal'));
});

test('run lets awaiting code set its next timer', async () => {
  const clock = new ManualClock();
  const at: number[] = [];
  const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => void clock.after(delayMs, resolve));
  const loop = (async () => {
    for (let turn = 0; turn < 3; turn++) {
      await sleep(10);
      at.push(clock.monotonicMs());
    }
  })();
  await clock.run(100);
  await loop;
  assert.deepEqual(at, [10, 20, 30]);
  assert.equal(clock.monotonicMs(), 100);
});
