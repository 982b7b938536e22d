import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import { afterProbe, freshHealth, probeDelayMs, restingHealth, type Health } from './health.ts';
import type { Probe } from './probe.ts';

const PROBE: Probe = { command: { kind: 'shell', words: ['true'] }, intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5000, retries: 3 };
const MS = 1_000_000n;
const at = (ms: number, exitCode: number) => ({ startNs: String(BigInt(ms) * MS), endNs: String(BigInt(ms + 1) * MS), exitCode, output: '' });

test('it is unhealthy after as many failures in a row as retries, and healthy after one success', () => {
  let health = freshHealth(undefined);
  const seen: string[] = [];
  for (const exitCode of [1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1]) {
    health = afterProbe(health, PROBE, at(0, exitCode), 0n);
    seen.push(`${health.status} ${health.failingStreak}`);
  }
  assert.deepEqual(seen, ['starting 1', 'starting 2', 'unhealthy 3', 'unhealthy 4', 'healthy 0', 'healthy 1', 'healthy 2', 'healthy 0', 'healthy 1', 'healthy 2', 'unhealthy 3']);
});

test('in the start period failures do not count until it was healthy once, and probes come faster', () => {
  const probe = { ...PROBE, startPeriodMs: 10_000, retries: 1 };
  const fresh = freshHealth(undefined);
  assert.equal(probeDelayMs(fresh, probe, 9999n * MS, 0n), 5000);
  assert.equal(probeDelayMs(fresh, probe, 10_000n * MS, 0n), 30_000);
  assert.equal(afterProbe(fresh, probe, at(9999, 1), 0n).status, 'starting');
  assert.equal(afterProbe(fresh, probe, at(10_000, 1), 0n).status, 'unhealthy');
  const healthy = afterProbe(fresh, probe, at(10, 0), 0n);
  assert.equal(probeDelayMs(healthy, probe, 11n * MS, 0n), 30_000);
  assert.equal(afterProbe(healthy, probe, at(20, 1), 0n).status, 'unhealthy');
});

test('a start begins anew and keeps the log; a rest is nothing to count on', () => {
  const health = afterProbe(freshHealth(undefined), PROBE, at(0, 0), 0n);
  assert.deepEqual(freshHealth(health), { status: 'starting', failingStreak: 0, log: health.log });
  assert.equal(restingHealth(health).status, 'unhealthy');
});

test('for any results: the streak is the failures since the last success, status follows it, and five results are kept', () => {
  const random = new SeededRandom(3);
  for (let run = 0; run < 300; run++) {
    const probe = { ...PROBE, retries: 1 + random.below(4), startPeriodMs: random.below(2) * random.below(50_000) };
    let health: Health = freshHealth(undefined);
    const results: { exitCode: number; ms: number }[] = [];
    for (let count = random.below(30); count > 0; count--) {
      const result = { exitCode: random.below(3) === 0 ? 0 : random.below(2) === 0 ? 1 : -1, ms: (results.at(-1)?.ms ?? 0) + random.below(10_000) };
      results.push(result);
      health = afterProbe(health, probe, at(result.ms, result.exitCode), 0n);
      const lastSuccess = results.findLastIndex(({ exitCode }) => exitCode === 0);
      const counted = results.slice(lastSuccess + 1).filter(({ ms }) => lastSuccess >= 0 || ms >= probe.startPeriodMs || health.status === 'unhealthy').length;
      assert.ok(health.failingStreak <= results.length - lastSuccess - 1);
      if (lastSuccess >= 0 || probe.startPeriodMs === 0) assert.equal(health.failingStreak, counted);
      if (health.failingStreak >= probe.retries) assert.equal(health.status, 'unhealthy');
      if (result.exitCode === 0) assert.equal(health.status, 'healthy');
      assert.equal(health.log.length, Math.min(results.length, 5));
      assert.ok(probeDelayMs(health, probe, BigInt(result.ms) * MS, 0n) > 0);
    }
  }
});
