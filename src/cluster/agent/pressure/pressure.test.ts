import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { overOwnLimits } from './own-limits.ts';
import { nextTimes, pressuresAt } from './pressure.ts';
import { DEFAULT_THRESHOLDS, metThresholds, parseThresholds, type Reading, type Signal } from './thresholds.ts';
import { evictionMessage, mostUrgent, rankVictims, type PodUse } from './victims.ts';

const MI = 2 ** 20;
const readings = (changed: Partial<Record<Signal, Reading>>): ReadonlyMap<Signal, Reading> => new Map(Object.entries({ 'memory.available': { left: 1000 * MI, all: 4000 * MI }, 'nodefs.available': { left: 50, all: 100 }, 'nodefs.inodesFree': { left: 50, all: 100 }, 'imagefs.available': { left: 50, all: 100 }, ...changed }) as [Signal, Reading][]);
const met = (changed: Partial<Record<Signal, Reading>>, thresholds = DEFAULT_THRESHOLDS): ReturnType<typeof metThresholds> => metThresholds(parseThresholds(thresholds), readings(changed));

test('thresholds are shares of what there is, or amounts', () => {
  assert.deepEqual(met({}), []);
  for (const [changed, expected] of [
    [{ 'memory.available': { left: 100 * MI - 1, all: 4000 * MI } }, ['memory.available 100Mi']], [{ 'memory.available': { left: 100 * MI, all: 4000 * MI } }, []],
    [{ 'nodefs.available': { left: 9, all: 100 } }, ['nodefs.available 10%']], [{ 'nodefs.inodesFree': { left: 4, all: 100 }, 'imagefs.available': { left: 14, all: 100 } }, ['nodefs.inodesFree 5%', 'imagefs.available 15%']], [{ 'nodefs.inodesFree': { left: 5, all: 100 } }, []],
  ] as const) assert.deepEqual(met(changed).map(({ threshold: { signal, text } }) => `${signal} ${text}`), expected);
  assert.deepEqual(met({ 'memory.available': { left: 0, all: 1 } }, 'none'), []);
});

test('thresholds that can\'t be read are named', () => {
  for (const text of ['', 'memory.available', 'memory<1', 'memory.available>1', 'nodefs.available<101%', 'nodefs.available<x', 'nodefs.available<-1', 'nodefs.available<1<2', 'memory.available<1,']) assert.throws(() => parseThresholds(text), { kind: 'invalid' }, text);
});

test('a node says that it is short of something for five minutes after it was', () => {
  const times = nextTimes(new Map(), met({ 'nodefs.available': { left: 0, all: 100 } }), 1000);
  assert.deepEqual([...pressuresAt(times, 1000)], ['DiskPressure']);
  assert.deepEqual([...pressuresAt(nextTimes(times, [], 300_000), 300_999)], ['DiskPressure']);
  assert.deepEqual([...pressuresAt(times, 301_000)], []);
  const again = nextTimes(times, met({ 'imagefs.available': { left: 0, all: 100 }, 'memory.available': { left: 0, all: 1 } }), 200_000);
  assert.deepEqual([...pressuresAt(again, 499_999)].toSorted(), ['DiskPressure', 'MemoryPressure']);
});

const use = (name: string, memoryMi: number, requestMi = 0, priority = 0, more: Partial<PodUse> = {}): PodUse => ({
  pod: { metadata: { name }, spec: { priority, containers: [{ name: 'c', resources: { requests: { memory: `${requestMi}Mi` } } }] } } as unknown as KubeObject, memoryBytes: memoryMi * MI, diskBytes: 0, processes: 0, ...more,
});
const names = (uses: readonly PodUse[]): string => uses.map(({ pod }) => pod.metadata.name).join(' ');

test('who uses more than it asked for goes first, of these the least important, of these the one that is farthest above', () => {
  assert.equal(names(rankVictims([use('within', 100, 200), use('above', 120, 100), use('important', 500, 0, 10), use('far', 300, 100)], 'MemoryPressure')), 'far above important within');
  assert.equal(names(rankVictims([use('within', 50, 100, 0), use('important', 10, 5, 1000)], 'MemoryPressure')), 'important within', 'not the one that keeps to what it asked for');
  assert.equal(names(rankVictims([use('node', 900, 0, 2_000_001_000), use('own', 1)], 'MemoryPressure')), 'own', 'never what the node needs');
  assert.equal(names(rankVictims([use('a', 9, 0, 0, { diskBytes: 1 }), use('b', 1, 0, 0, { diskBytes: 5 })], 'DiskPressure')), 'b a');
  assert.equal(names(rankVictims([use('a', 0, 0, 5, { processes: 100 }), use('b', 0, 0, 0, { processes: 10 }), use('c', 0, 0, 0, { processes: 20 })], 'PIDPressure')), 'c b a');
});

test('memory comes before all else, and the message says what was wrong', () => {
  const all = met({ 'nodefs.available': { left: 1, all: 100 }, 'memory.available': { left: 50 * MI, all: 4000 * MI } });
  const urgent = mostUrgent(all.toReversed());
  assert.equal(urgent?.threshold.signal, 'memory.available');
  assert.equal(evictionMessage(urgent, use('p', 3, 1)), `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${50 * MI}. The pod was using ${3 * MI}, request is ${MI}, has larger consumption of memory.`);
});

test('a pod that takes more of the disk than it may has to go', () => {
  const pod = { spec: { volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }, { name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1' } }], containers: [{ name: 'c', resources: { limits: { 'ephemeral-storage': '2Mi' } } }] } } as unknown as KubeObject;
  assert.equal(overOwnLimits(pod, new Map([['v', MI], ['m', MI]]), new Map([['c', 2 * MI]])), undefined);
  assert.equal(overOwnLimits(pod, new Map([['v', MI + 1]]), new Map()), 'Usage of EmptyDir volume "v" exceeds the limit "1Mi".');
  assert.equal(overOwnLimits(pod, new Map(), new Map([['c', 2 * MI + 1]])), 'Container c exceeded its local ephemeral storage limit "2Mi".');
});
