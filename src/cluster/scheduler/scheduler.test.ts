import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import { SimulatedCluster, spec } from '#cluster/controllers/simulated-cluster.ts';
import { Scheduler, withScheduled } from './scheduler.ts';

/** @param before the scheduler begins */
async function open(before: (cluster: SimulatedCluster) => Promise<void> = async () => {}): Promise<{ cluster: SimulatedCluster; said: string[] }> {
  const cluster = new SimulatedCluster([]);
  const said: string[] = [];
  const { clock } = cluster;
  const scheduler = new Scheduler({
    pods: cluster.runtime.cache('pods'), nodes: cluster.runtime.cache('nodes'), clock, timers: clock, random: new SeededRandom(1), log: (line) => said.push(line),
    writes: {
      bind: async (pod, node) => void await cluster.change('pods', pod.metadata.name, (current) => ({ ...withScheduled(current, true, '', 0), spec: { ...spec(current), nodeName: node } })),
      unschedulable: async (pod, message) => void said.push(`${pod.metadata.name}: ${message}`),
    },
  });
  await cluster.runtime.open();
  await before(cluster);
  scheduler.open();
  return { cluster, said };
}

const node = (name: string, cpu = '2'): never => ({ metadata: { name }, status: { allocatable: { cpu, memory: '1Gi', pods: '10' } } }) as never;
const pod = (name: string, cpu = '1'): never => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }] } }) as never;
const places = async (cluster: SimulatedCluster): Promise<string[]> => (await cluster.list('pods')).map((each) => `${each.metadata.name} ${String(spec(each)['nodeName'] ?? '-')}`);

test('pods get nodes, each counted before the next', async () => {
  const { cluster, said } = await open();
  await cluster.create('nodes', node('n1'));
  await cluster.create('nodes', node('n2'));
  for (const name of ['a', 'b', 'c', 'd', 'e']) await cluster.create('pods', pod(name));
  await cluster.settle();
  const placed = await places(cluster);
  assert.deepEqual(['n1', 'n2', '-'].map((where) => placed.filter((each) => each.endsWith(` ${where}`)).length), [2, 2, 1]);
  assert.match(said[0] ?? '', /: 0\/2 nodes are available: 2 Insufficient cpu\.$/);
});

test('a pod that waits is placed when there is room: a node comes, or a pod goes', async () => {
  const { cluster } = await open();
  await cluster.create('pods', pod('first', '2'));
  await cluster.settle();
  assert.deepEqual(await places(cluster), ['first -']);
  await cluster.create('nodes', node('n1'));
  await cluster.create('pods', pod('second', '2'));
  await cluster.settle();
  assert.deepEqual((await places(cluster)).filter((each) => each.endsWith('-')).length, 1);
  const running = (await places(cluster)).find((each) => each.endsWith('n1'))?.split(' ')[0] ?? '';
  await cluster.change('pods', running, (current) => ({ ...current, status: { phase: 'Succeeded' } }), 'status');
  await cluster.settle();
  assert.deepEqual((await places(cluster)).filter((each) => each.endsWith('-')), []);
});

test('pods with gates, of another scheduler, or on their way out are let be', async () => {
  const { cluster } = await open();
  await cluster.create('nodes', node('n1'));
  await cluster.create('pods', { metadata: { name: 'gated' }, spec: { containers: [{ name: 'c', image: 'x' }], schedulingGates: [{ name: 'g' }] } });
  await cluster.create('pods', { metadata: { name: 'foreign' }, spec: { containers: [{ name: 'c', image: 'x' }], schedulerName: 'mine' } });
  await cluster.settle();
  assert.deepEqual(await places(cluster), ['foreign -', 'gated -']);
  await cluster.change('pods', 'gated', (current) => ({ ...current, spec: { ...spec(current), schedulingGates: [] } }));
  await cluster.settle();
  assert.deepEqual(await places(cluster), ['foreign -', 'gated n1']);
});

test('many pods do not hold up everybody else: after some there is a turn for others', async () => {
  const { cluster } = await open(async (empty) => {
    for (let number = 0; number < 20; number += 1) await empty.create('nodes', node(`n${number}`, '100'));
    for (let number = 0; number < 120; number += 1) await empty.create('pods', pod(`p${number}`));
    await empty.settle();
  });
  for (let turn = 0; turn < 300; turn += 1) await Promise.resolve();
  const placed = async (): Promise<number> => (await places(cluster)).filter((each) => !each.endsWith('-')).length;
  assert.equal(await placed(), 50);
  await cluster.settle();
  assert.equal(await placed(), 120);
});
