import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { PressureWatch, type PressureParts } from './pressure-watch.ts';
import { DEFAULT_THRESHOLDS, parseSoftThresholds, parseThresholds, type Reading, type Signal, type Threshold } from './thresholds.ts';

const MI = 2 ** 20;

/** A node with pods that use memory, whose numbers a test sets; an evicted pod has ended when `end` says so. @param collected what it changes that images went */
function start(memoryMi: Readonly<Record<string, number>>, collected: (readings: Map<Signal, Reading>) => void = () => {}, soft: readonly Threshold[] = []): { watch: PressureWatch; readings: Map<Signal, Reading>; volumes: Map<string, number>; evicted: string[]; done: string[]; end: (name: string) => void; clock: ManualClock } {
  const clock = new ManualClock();
  const [evicted, done]: [string[], string[]] = [[], []];
  const pods = new Map(Object.keys(memoryMi).map((name) => [name, { metadata: { name, uid: name }, spec: { nodeName: 'n', containers: [{ name: 'c' }], volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }] }, status: { phase: 'Running' } } as unknown as KubeObject]));
  const live = new Set(pods.keys());
  const readings = new Map<Signal, Reading>([['memory.available', { left: 1000 * MI, all: 4000 * MI }], ['nodefs.available', { left: 50, all: 100 }], ['imagefs.available', { left: 50, all: 100 }]]);
  const volumes = new Map<string, number>();
  const engine = {
    collectImages: async () => {
      done.push('images');
      collected(readings);
    },
    containers: {
      list: () => [...live].map((name) => ({ spec: { id: `c-${name}`, owner: { front: 'cluster', name }, labels: { 'io.kubernetes.container.name': 'c' }, image: { id: '' }, resources: {} }, state: { phase: 'running', endpoints: [] } })),
      usage: async (id: string) => ({ memory: { usage: (memoryMi[id.slice(2)] ?? 0) * MI, details: new Map() } }), sizeOf: async () => 0,
    },
  } as unknown as PressureParts['engine'];
  const watch = new PressureWatch({
    nodeName: 'n', pods: { list: () => [...pods.values()] } as unknown as PressureParts['pods'], engine, node: { readings: async () => readings, volumeBytes: async (uid) => volumes.get(uid) ?? 0 }, thresholds: [...parseThresholds(DEFAULT_THRESHOLDS), ...soft], mostGraceSeconds: 20,
    evict: (pod, message, graceSeconds) => {
      evicted.push(`${pod.metadata.name}: ${graceSeconds === undefined ? '' : `within ${graceSeconds} s: `}${message}`);
      pods.set(pod.metadata.name, { ...pod, status: { phase: 'Failed' } } as unknown as KubeObject);
    },
    changed: () => void done.push('told'), clock, timers: clock, log: (line) => assert.fail(line),
  });
  return { watch, readings, volumes, evicted, done, end: (name) => void live.delete(name), clock };
}

test('a node that is short of memory says so, and lets pods go one after another until it is not', async () => {
  const { watch, readings, evicted, done, end, clock } = start({ small: 10, large: 500 });
  await watch.look();
  assert.deepEqual([evicted, done, [...watch.pressures()]], [[], [], []]);
  readings.set('memory.available', { left: 50 * MI, all: 4000 * MI });
  await watch.look();
  assert.deepEqual([evicted.map((text) => text.split(':')[0]), done, [...watch.pressures()]], [['large'], ['told'], ['MemoryPressure']]);
  await watch.look();
  assert.equal(evicted.length, 1, 'the last one is still going');
  end('large');
  await watch.look();
  assert.deepEqual(evicted.map((text) => text.split(':')[0]), ['large', 'small']);
  readings.set('memory.available', { left: 1000 * MI, all: 4000 * MI });
  clock.advance(299_000);
  await watch.look();
  assert.deepEqual([...watch.pressures()], ['MemoryPressure']);
  clock.advance(1_000);
  await watch.look();
  assert.deepEqual([[...watch.pressures()], done], [[], ['told', 'told']]);
});

test('where the disk fills, images that nobody uses go before any pod', async () => {
  let freed = 30;
  const { watch, readings, evicted, done } = start({ one: 1 }, (now) => now.set('imagefs.available', { left: freed, all: 100 }));
  readings.set('imagefs.available', { left: 14, all: 100 });
  await watch.look();
  assert.deepEqual([evicted, done, [...watch.pressures()]], [[], ['told', 'images'], ['DiskPressure']]);
  readings.set('imagefs.available', { left: 12, all: 100 });
  freed = 14;
  await watch.look();
  assert.match(evicted[0] ?? '', /^one: The node was low on resource: ephemeral-storage\. Threshold quantity: 15%, available: 14\./);
});

test('a pod whose volume is larger than it may be goes, however much is left', async () => {
  const { watch, volumes, evicted } = start({ one: 1, two: 1 });
  volumes.set('two', MI + 1);
  await watch.look();
  assert.deepEqual(evicted, ['two: Usage of EmptyDir volume "v" exceeds the limit "1Mi".']);
});

test('a soft threshold waits, says so at once, and lets pods end in their time', async () => {
  const { watch, readings, evicted, clock } = start({ small: 10, large: 500 }, undefined, parseSoftThresholds('memory.available<300Mi', 'memory.available=1m30s'));
  readings.set('memory.available', { left: 200 * MI, all: 4000 * MI });
  await watch.look();
  assert.deepEqual([evicted, [...watch.pressures()]], [[], ['MemoryPressure']]);
  clock.advance(80_000);
  readings.set('memory.available', { left: 400 * MI, all: 4000 * MI });
  await watch.look();
  readings.set('memory.available', { left: 200 * MI, all: 4000 * MI });
  await watch.look();
  clock.advance(80_000);
  await watch.look();
  assert.deepEqual(evicted, [], 'it was not crossed all the time');
  clock.advance(10_000);
  await watch.look();
  assert.match(evicted.join(), /^large: within 20 s: The node was low on resource: memory\. Threshold quantity: 300Mi/);
});

test('one that is hard is not waited for beside a soft one', async () => {
  const { watch, readings, evicted } = start({ large: 500 }, undefined, parseSoftThresholds('memory.available<300Mi', 'memory.available=1h'));
  readings.set('memory.available', { left: 50 * MI, all: 4000 * MI });
  await watch.look();
  assert.match(evicted.join(), /^large: The node was low on resource: memory\. Threshold quantity: 100Mi/);
});

test('soft thresholds that say too little are refused', () => {
  assert.deepEqual(parseSoftThresholds('nodefs.available<15%,pid.available<9', 'pid.available=1h0.5s, nodefs.available=2m').map(({ graceMs }) => graceMs), [120_000, 3_600_500]);
  assert.throws(() => parseSoftThresholds('memory.available<1Mi', ''), /soft threshold for memory\.available has no grace period/);
  assert.throws(() => parseSoftThresholds('memory.available<1Mi', 'memory.available=soon'), /can't be read/);
});
