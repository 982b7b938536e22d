import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { metricsHandlers } from './metrics-api.ts';
import { UsageMeter } from './usage-meter.ts';

function world(): { meter: UsageMeter; clock: ManualClock; looks: () => number } {
  const clock = new ManualClock();
  let looks = 0;
  // Half a processor, all the time; a container that the second look finds first began with it.
  const usage = async (): Promise<unknown> => ({ cpu: { usageNs: Number(clock.nowNs()) / 2 }, memory: { usage: 5000, details: new Map([['total_inactive_file', 1000]]) } });
  const container = { spec: { id: 'x', owner: { front: 'cluster', name: 'uid' }, labels: { 'io.kubernetes.container.name': 'c' } }, state: { phase: 'running' } };
  const stranger = { spec: { id: 'y', owner: { front: 'docker', name: '' }, labels: {} }, state: { phase: 'running' } };
  const engine = { containers: { list: () => [container, stranger], usage } } as unknown as EnginePort;
  const machineUsage = async (): Promise<{ cpuNs: number; memoryBytes: number }> => {
    looks += 1;
    return { cpuNs: Number(clock.nowNs()), memoryBytes: 9000 };
  };
  return { clock, looks: () => looks, meter: new UsageMeter({ engine, node: { machineUsage }, clock, timers: clock }) };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  clock.advance(ms);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test('use is measured between two looks, and only while somebody asks', async () => {
  const { meter, clock, looks } = world();
  assert.equal(meter.latest(), undefined);
  await pass(clock, 1000);
  const reading = meter.latest();
  assert.deepEqual([reading?.windowMs, reading?.node, reading?.pods.size], [1000, { cpuMilli: 1000, memoryBytes: 9000 }, 1]);
  assert.deepEqual(reading?.pods.get('uid')?.get('c'), { cpuMilli: 500, memoryBytes: 4000 });
  await pass(clock, 5000);
  assert.equal(looks(), 2, 'a fresh reading is enough');
  meter.latest();
  await pass(clock, 15_000);
  meter.latest();
  await pass(clock, 0);
  assert.deepEqual([looks(), meter.latest()?.windowMs], [3, 21_000]);
  await pass(clock, 100_000);
  assert.equal(looks(), 3, 'nobody asked');
  assert.equal(meter.latest(), undefined);
});

test('the metrics API tells it of pods and of nodes', async () => {
  const { meter, clock } = world();
  const cache = (...objects: readonly object[]): ObjectCache => ({ list: () => objects }) as unknown as ObjectCache;
  const pod = { metadata: { name: 'web', namespace: 'default', uid: 'uid', labels: { app: 'web' } } } as unknown as KubeObject;
  const handlers = new Map(metricsHandlers({ read: () => meter.read(), pods: cache(pod, { metadata: { name: 'young', uid: 'other' } }), nodes: cache({ metadata: { name: 'n' } }) }));
  const ask = async (plural: string, name: string | undefined, query = new Map<string, string[]>()): Promise<unknown> => {
    const request = { method: 'GET', path: '', query, accept: '', contentType: '', user: { name: 'u', groups: [] }, body: async () => new Uint8Array() };
    const answering = handlers.get(`metrics.k8s.io/${plural}`)!({ group: 'metrics.k8s.io', version: 'v1beta1', namespace: plural === 'pods' ? 'default' : undefined, plural, name, subresource: undefined, rest: '' }, request);
    answering.catch(() => {});
    await pass(clock, 1000);
    const answer = await answering;
    return answer.kind === 'json' ? answer.body : undefined;
  };
  const { items } = await ask('pods', undefined) as { items: { metadata: { name: string }; window: string; containers: unknown }[] };
  assert.deepEqual(items.map(({ metadata, window, containers }) => [metadata.name, window, containers]), [['web', '1s', [{ name: 'c', usage: { cpu: '500000000n', memory: '3Ki' } }]]]);
  assert.deepEqual(((await ask('pods', undefined, new Map([['labelSelector', ['app=db']]]))) as { items: unknown[] }).items, []);
  assert.deepEqual(((await ask('nodes', 'n')) as { usage: unknown }).usage, { cpu: '1000000000n', memory: '8Ki' });
  await assert.rejects(ask('pods', 'nobody'), /pods.metrics.k8s.io "nobody" not found/);
});
