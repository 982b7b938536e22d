import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import { SimulatedCluster, spec } from '#cluster/controllers/simulated-cluster.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { NodeState } from './node-state.ts';
import { NO_VOLUMES } from './pod-volumes.ts';
import { preempt } from './preempt.ts';
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
      preempt: async (pod, node, victims) => {
        said.push(`${pod.metadata.name} at ${node} for ${victims.map(({ metadata }) => metadata.name).join(' ')}`);
        for (const { metadata } of victims) await cluster.delete('pods', metadata.name);
      },
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
  assert.match(said[0] ?? '', /: 0\/2 nodes are available: 2 Insufficient cpu\. preemption: 0\/2 nodes are available: 2 No preemption victims found for incoming pod\.$/);
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

const ranked = (name: string, priority: number, cpu = '1', more: object = {}): never => ({ metadata: { name, labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }], priority, ...more } }) as never;

test('a pod that matters more takes the place of those that matter least, and its event says what else stood in the way', async () => {
  const { cluster, said } = await open();
  await cluster.create('nodes', node('n1'));
  await cluster.create('nodes', { metadata: { name: 'n2' }, spec: { unschedulable: true }, status: { allocatable: { cpu: '9', memory: '1Gi', pods: '10' } } } as never);
  for (const [name, priority] of [['mid', 5], ['low', 1]] as const) await cluster.create('pods', ranked(name, priority));
  await cluster.settle();
  await cluster.create('pods', ranked('high', 10));
  await cluster.settle();
  await cluster.release('low');
  await cluster.settle();
  assert.deepEqual(await places(cluster), ['high n1', 'mid n1']);
  assert.deepEqual(said, ['high: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.', 'high at n1 for low']);
  await cluster.create('pods', ranked('equal', 5));
  await cluster.settle();
  assert.match(said.at(-1) ?? '', /^equal: .* preemption: 0\/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling\.$/);
  await cluster.create('pods', ranked('polite', 10, '1', { preemptionPolicy: 'Never' }));
  await cluster.settle();
  assert.match(said.at(-1) ?? '', /^polite: .* preemption: not eligible due to preemptionPolicy=Never\.$/);
});

test('room that a pod waits for is not given to one that matters less, and nobody goes twice', async () => {
  const { cluster, said } = await open();
  await cluster.create('nodes', node('n1', '1'));
  await cluster.create('pods', { ...ranked('low', 1) as object, metadata: { name: 'low', finalizers: ['a/b'] } } as never);
  await cluster.settle();
  await cluster.create('pods', ranked('high', 10));
  await cluster.create('pods', ranked('other', 2));
  await cluster.settle();
  assert.deepEqual(await places(cluster), ['high -', 'low n1', 'other -']);
  await cluster.create('nodes', node('n2', '500m'));
  await cluster.settle();
  assert.equal(said.filter((line) => line === 'high at n1 for low').length, 1);
  await cluster.patch('pods', 'low', (current) => ({ ...current, metadata: { ...current.metadata, finalizers: [] } }));
  await cluster.release('low').catch(() => {});
  await cluster.settle();
  assert.deepEqual(await places(cluster), ['high n1', 'other -']);
});

test('the node is chosen where the fewest budgets break, then where the least go', () => {
  const state = (name: string, ...pods: readonly KubeObject[]): NodeState => {
    const made = new NodeState(node(name, '2'));
    for (const each of pods) made.add(each);
    return made;
  };
  const placed = (name: string, priority: number, cpu: string, app = name): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name, namespace: 'a', labels: { app } }, spec: { priority, containers: [{ name: 'c', resources: { requests: { cpu } } }] } }) as unknown as KubeObject;
  const chosen = (nodes: readonly NodeState[], budgets: readonly KubeObject[] = []): string => {
    const found = preempt({ pod: placed('new', 10, '1'), nodes, byNode: new Map(), volumes: NO_VOLUMES, budgets });
    return 'victims' in found ? `${found.node}: ${found.victims.map(({ metadata }) => metadata.name).join(' ')}` : 'none';
  };
  assert.equal(chosen([state('n1', placed('a', 5, '2')), state('n2', placed('b', 4, '2'))]), 'n2: b', 'the least important');
  assert.equal(chosen([state('n1', placed('a', 4, '1'), placed('b', 4, '1')), state('n2', placed('c', 4, '2'))]), 'n1: b', 'one that is kept is not a victim');
  assert.equal(chosen([state('n1', placed('a', 4, '500m'), placed('b', 4, '500m'), placed('k', 20, '1')), state('n2', placed('c', 4, '2'))]), 'n2: c', 'the fewest');
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace: 'a' }, spec: { selector: { matchLabels: { app: 'b' } } }, status: { disruptionsAllowed: 0 } } as unknown as KubeObject;
  assert.equal(chosen([state('n1', placed('a', 5, '2')), state('n2', placed('b', 4, '2'))], [budget]), 'n1: a', 'a budget is kept');
  assert.equal(chosen([state('n2', placed('b', 4, '2'))], [budget]), 'n2: b', 'where that is possible');
  assert.equal(chosen([state('n1', placed('a', 10, '2'))]), 'none');
});
