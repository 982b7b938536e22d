import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock, SystemTimers } from './system-clock.ts';
import { SystemHasher } from './system-hasher.ts';
import { SystemRandom } from './system-random.ts';

test('the system clock agrees with Date and is finer than a millisecond', () => {
  const clock = new SystemClock();
  const apartMs = Math.abs(Number(clock.nowNs() / 1_000_000n) - Date.now());
  assert.ok(apartMs < 1000, `${apartMs} ms apart`);
  const fractions = new Set(Array.from({ length: 50 }, () => clock.nowNs() % 1_000_000n));
  assert.ok(fractions.size > 5);
  assert.ok(clock.monotonicMs() <= clock.monotonicMs());
});

test('system timers fire once, can be cancelled, and survive delays beyond 24 days', async () => {
  const timers = new SystemTimers();
  const fired: string[] = [];
  const cancels = [timers.after(1e12, () => fired.push('far')), timers.after(Infinity, () => fired.push('never')), timers.after(1, () => fired.push('cancelled'))];
  cancels[2]!();
  await new Promise<void>((resolve) => void timers.after(-5, resolve));
  await new Promise<void>((resolve) => void timers.after(5, resolve));
  assert.deepEqual(fired, []);
  cancels.forEach((cancel) => cancel());
});

test('hasher and random', () => {
  assert.equal(new SystemHasher().sha256(new TextEncoder().encode('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(new SystemRandom().bytes(32).length, 32);
  assert.notDeepEqual(new SystemRandom().bytes(32), new SystemRandom().bytes(32));
  const random = new SystemRandom();
  assert.equal(new Set(Array.from({ length: 1000 }, () => random.bytes(16).toHex())).size, 1000, 'also where the pool was filled again');
  assert.equal(random.bytes(100).length, 100);
});
