import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { daemonSetController } from './daemon-set.ts';
import { nodeOf } from './daemon-set-nodes.ts';
import { isDeleted } from './owned.ts';
import { isReady } from './pod-shape.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';
import { SimulatedNodes, type Fate } from './simulated-nodes.ts';

const RUN: Fate = { succeeds: 0, fails: 0, pace: 256 };
const template = (image: string, more: JsonObject = {}): JsonObject => ({ metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image }], ...more } });
const daemons = (more: JsonObject = {}): JsonObject => ({ metadata: { name: 'agent' }, spec: { selector: { matchLabels: { app: 'agent' } }, template: template('v1'), ...more } });

interface World { readonly cluster: SimulatedCluster; readonly nodes: SimulatedNodes }

async function open(nodeCount: number, seed = 1, faultRate = 0): Promise<World> {
  const cluster = new SimulatedCluster([daemonSetController], seed, faultRate);
  await cluster.runtime.open();
  for (let at = 0; at < nodeCount; at += 1) await cluster.create('nodes', { metadata: { name: `n${at}`, labels: { disk: at % 2 === 0 ? 'fast' : 'slow' } }, spec: {} });
  return { cluster, nodes: new SimulatedNodes(cluster, new SeededRandom(seed)) };
}

async function steps({ cluster, nodes }: World, times: number, fate: Fate = RUN, watch: (pods: readonly KubeObject[]) => void = () => {}): Promise<void> {
  for (let step = 0; step < times; step += 1) {
    await cluster.settle(4);
    watch(await cluster.list('pods'));
    await nodes.step(fate);
  }
  await cluster.settle(6);
}

const change = ({ cluster }: World, more: JsonObject): Promise<KubeObject> => cluster.patch('apps/daemonsets', 'agent', (current) => ({ ...current, spec: { ...spec(current), ...more } }));
const places = async ({ cluster }: World): Promise<string> => (await cluster.list('pods')).filter((pod) => !isDeleted(pod)).map(nodeOf).sort().join(' ');
const images = async ({ cluster }: World): Promise<string> => (await cluster.list('pods')).map((pod) => (spec(pod)['containers'] as unknown as { image: string }[])[0]?.image).sort().join(' ');

test('every node has one pod, also one that comes later', async () => {
  const world = await open(2);
  await world.cluster.create('apps/daemonsets', daemons());
  await steps(world, 4);
  assert.equal(await places(world), 'n0 n1');
  await world.cluster.create('nodes', { metadata: { name: 'n2' }, spec: {} });
  await steps(world, 4);
  assert.equal(await places(world), 'n0 n1 n2');
  assert.deepEqual(status(await world.cluster.get('apps/daemonsets', 'agent')), { currentNumberScheduled: 3, numberMisscheduled: 0, desiredNumberScheduled: 3, numberReady: 3, observedGeneration: 1, updatedNumberScheduled: 3, numberAvailable: 3 });
  const [pod] = await world.cluster.list('pods');
  assert.ok((spec(pod as KubeObject)['tolerations'] as unknown as { key: string }[]).some(({ key }) => key === 'node.kubernetes.io/unschedulable'));
  assert.deepEqual(world.cluster.log, []);
});

test('selectors and taints say which nodes are meant, and what becomes of pods there', async () => {
  const world = await open(4);
  await world.cluster.create('apps/daemonsets', daemons({ template: template('v1', { nodeSelector: { disk: 'fast' } }) }));
  await steps(world, 4);
  assert.equal(await places(world), 'n0 n2');
  const taint = (effect: string): Promise<KubeObject> => world.cluster.change('nodes', 'n0', (node) => ({ ...node, spec: { taints: [{ key: 'own', value: 'x', effect }] } }));
  await taint('NoSchedule');
  await steps(world, 3);
  assert.equal(await places(world), 'n0 n2', 'who is there stays');
  const { desiredNumberScheduled, numberMisscheduled } = status(await world.cluster.get('apps/daemonsets', 'agent'));
  assert.deepEqual([desiredNumberScheduled, numberMisscheduled], [1, 1]);
  await taint('NoExecute');
  await steps(world, 3);
  assert.equal(await places(world), 'n2');
  await world.cluster.delete('nodes', 'n2');
  await steps(world, 3);
  assert.equal(await places(world), '');
});

for (const [name, rollingUpdate, most, least] of [
  ['in place, one node at a time', { maxUnavailable: 1 }, 3, 2],
  ['in place, two at a time', { maxUnavailable: 2 }, 3, 1],
  ['with a new pod beside the old one', { maxUnavailable: 0, maxSurge: 1 }, 4, 3],
] as const) {
  test(`an update goes ${name}`, async () => {
    const world = await open(3);
    await world.cluster.create('apps/daemonsets', daemons({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } }));
    await steps(world, 4);
    await change(world, { template: template('v2') });
    await steps(world, 30, { ...RUN, pace: 200 }, (pods) => {
      assert.ok(pods.filter((pod) => isReady(pod) && !isDeleted(pod)).length >= least, 'enough serve');
      assert.ok(pods.filter((pod) => !isDeleted(pod)).length <= most, 'not too many are there');
    });
    assert.deepEqual([await images(world), await places(world)], ['v2 v2 v2', 'n0 n1 n2']);
    assert.equal((await world.cluster.list('apps/controllerrevisions')).length, 2);
  });
}

test('daemons bear what nodes say of themselves, and one in the network of its node more', async () => {
  for (const hostNetwork of [false, true]) {
    const world = await open(1);
    await world.cluster.create('apps/daemonsets', daemons({ template: template('v1', { hostNetwork, tolerations: [{ key: 'own', operator: 'Exists' }] }) }));
    await steps(world, 2);
    const [pod] = await world.cluster.list('pods');
    const tolerations = (spec(pod as KubeObject)['tolerations'] as unknown as readonly { readonly key: string; readonly operator: string; readonly effect?: string }[]).map(({ key, operator, effect }) => `${key.replace('node.kubernetes.io/', '')} ${operator} ${effect}`);
    assert.deepEqual(tolerations, ['own Exists undefined', 'not-ready Exists NoExecute', 'unreachable Exists NoExecute', 'disk-pressure Exists NoSchedule', 'memory-pressure Exists NoSchedule', 'pid-pressure Exists NoSchedule', 'unschedulable Exists NoSchedule', ...(hostNetwork ? ['network-unavailable Exists NoSchedule'] : [])]);
  }
});

test('shares of the nodes are rounded up, and a daemon counts once it was ready long enough', async () => {
  const world = await open(4);
  await world.cluster.create('apps/daemonsets', daemons({ minReadySeconds: 30, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '30%' } } }));
  await steps(world, 4);
  const { numberReady, numberAvailable, numberUnavailable } = status(await world.cluster.get('apps/daemonsets', 'agent'));
  assert.deepEqual([numberReady, numberAvailable, numberUnavailable], [4, undefined, 4]);
  world.cluster.clock.advance(30_000);
  await steps(world, 2);
  assert.equal(status(await world.cluster.get('apps/daemonsets', 'agent'))['numberAvailable'], 4);
  await change(world, { template: template('v2') });
  await steps(world, 6);
  assert.equal(await images(world), 'v1 v1 v2 v2', 'two of four are new, and have to be ready for a while');
  world.cluster.clock.advance(30_000);
  await steps(world, 6);
  assert.equal(await images(world), 'v2 v2 v2 v2');
});

test('a share of the nodes may have a second daemon for a while', async () => {
  const world = await open(4);
  await world.cluster.create('apps/daemonsets', daemons({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '40%' } } }));
  await steps(world, 4);
  await change(world, { template: template('v2') });
  let most = 0;
  await steps(world, 16, { ...RUN, pace: 200 }, (pods) => {
    most = Math.max(most, pods.filter((pod) => !isDeleted(pod)).length);
    assert.ok(pods.filter((pod) => isReady(pod) && !isDeleted(pod)).length >= 4, 'each node is served');
  });
  assert.deepEqual([most, await images(world)], [6, 'v2 v2 v2 v2']);
});

test('OnDelete waits for people, and a pod that failed is made again after a while', async () => {
  const world = await open(1);
  await world.cluster.create('apps/daemonsets', daemons({ updateStrategy: { type: 'OnDelete' } }));
  await steps(world, 4);
  await change(world, { template: template('v2') });
  await steps(world, 4);
  assert.equal(await images(world), 'v1');
  const [pod] = await world.cluster.list('pods');
  await world.cluster.change('pods', pod?.metadata.name ?? '', (current) => ({ ...current, status: { phase: 'Failed' } }), 'status');
  await steps(world, 2);
  assert.equal(await images(world), 'v1', 'not at once');
  world.cluster.clock.advance(10_000);
  await steps(world, 4);
  assert.equal(await images(world), 'v2');
  assert.ok((await world.cluster.list('events')).some((event) => event['reason'] === 'FailedDaemonPod'));
});

test('whatever fails and whoever dies, each node comes to have one pod of the last template', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 2 }), async (seed, nodeCount, maxSurge) => {
    const world = await open(nodeCount, seed, 40);
    await world.cluster.create('apps/daemonsets', daemons({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: maxSurge === 0 ? 1 : 0 } } }));
    for (const image of ['v2', 'v3']) {
      await steps(world, 6, { ...RUN, pace: 150 });
      await change(world, { template: template(image) });
      await world.cluster.restart();
    }
    await steps(world, 4, { ...RUN, pace: 150 });
    world.cluster.faults.rate = 0;
    world.cluster.clock.advance(60_000);
    await steps(world, 12 + 10 * nodeCount);
    assert.equal(await images(world), Array<string>(nodeCount).fill('v3').join(' '));
    assert.equal(await places(world), Array.from({ length: nodeCount }, (_, at) => `n${at}`).join(' '));
  }), { numRuns: 3, seed: 3 });
});
