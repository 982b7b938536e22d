import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeHost } from '#container/host/fake.ts';
import type { EngineEvent } from '#container/model/event.ts';
import type { Probe, UnhealthyAction } from '#container/model/probe.ts';
import { FakeSnapshots } from '#image/snapshot/fake.ts';
import { MemoryStore } from '#store/memory.ts';
import { HASHER, openEngine, request, seedImage } from './_simulation.ts';

const PROBE: Probe = { command: { kind: 'exec', words: ['/probe'] }, intervalMs: 1000, timeoutMs: 500, startPeriodMs: 0, startIntervalMs: 100, retries: 2 };

async function world(onUnhealthy?: UnhealthyAction) {
  const clock = new ManualClock();
  const host = new FakeHost(clock);
  const store = new MemoryStore();
  const snapshots = new FakeSnapshots(HASHER);
  await seedImage(store);
  const { engine } = await openEngine({ host, store, snapshots, seed: 1, clock });
  const events: EngineEvent[] = [];
  engine.events.subscribe({}, (event) => events.push(event));
  const { id } = await engine.containers.create(request('web', { probe: PROBE, ...(onUnhealthy === undefined ? {} : { onUnhealthy }) }));
  await engine.containers.start(id);
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(100);
      for (let turn = 0; turn < 60; turn++) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const health = () => engine.containers.find(id).state.health;
  return { clock, host, store, snapshots, engine, events, id, pass, health };
}

const changes = (events: readonly EngineEvent[]): string[] => events.filter(({ action }) => action.startsWith('health_status')).map(({ action }) => action);

test('probes come after each interval, and each change of the status is told once', async () => {
  const { host, pass, health, events } = await world();
  assert.equal(health()?.status, 'starting');
  await pass(1100);
  assert.equal(health()?.status, 'healthy');
  host.execExitCode = 1;
  await pass(1100);
  assert.deepEqual([health()?.status, health()?.failingStreak], ['healthy', 1]);
  await pass(1100);
  assert.equal(health()?.status, 'unhealthy');
  host.execExitCode = 0;
  await pass(2200);
  assert.equal(health()?.status, 'healthy');
  assert.deepEqual(changes(events), ['health_status: healthy', 'health_status: unhealthy', 'health_status: healthy']);
});

test('a probe that runs out of time is killed, and is a failure', async () => {
  const { host, pass, health } = await world();
  host.execExitCode = undefined;
  await pass(1700);
  assert.deepEqual(health()?.log.map(({ exitCode, output }) => [exitCode, output]), [[-1, 'Health check exceeded timeout (500ms)']]);
});

test('nothing is probed while it is paused or at rest', async () => {
  const { engine, id, pass, host } = await world();
  const execs = (): number => host.steps.filter((step) => step.startsWith('exec')).length;
  await engine.containers.pause(id);
  await pass(3000);
  assert.equal(execs(), 0);
  await engine.containers.unpause(id);
  await pass(1100);
  assert.equal(execs(), 1);
  await engine.containers.stop(id, {});
  await pass(3000);
  assert.equal(execs(), 1);
  assert.equal(engine.containers.find(id).state.health?.status, 'unhealthy');
});

test('a daemon that comes back goes on with what was known', async () => {
  const { host, store, snapshots, clock, id, pass, health } = await world();
  await pass(1100);
  assert.equal(health()?.status, 'healthy');
  host.loseDaemon();
  host.execExitCode = 1;
  const { engine } = await openEngine({ host, store, snapshots, seed: 2, clock });
  assert.equal(engine.containers.find(id).state.health?.status, 'healthy');
  await pass(2200);
  assert.equal(engine.containers.find(id).state.health?.status, 'unhealthy');
});

test('a container that is to be is started again, or stopped, when it becomes unhealthy', async () => {
  for (const [action, phase] of [['restart', 'running'], ['stop', 'exited'], ['none', 'running'], [undefined, 'running']] as const) {
    const { host, pass, engine, id, events } = await world(action);
    host.execExitCode = 1;
    await pass(2300);
    assert.equal(engine.containers.find(id).state.phase, phase, String(action));
    assert.equal(events.filter((event) => event.action === 'start').length, action === 'restart' ? 2 : 1, String(action));
  }
});
