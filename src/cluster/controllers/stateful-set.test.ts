import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import { strategicMergePatch } from '#cluster/api/patch/strategic-merge-patch.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { garbageCollector } from './garbage-collector.ts';
import { isDeleted } from './owned.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';
import { SimulatedNodes, type Fate } from './simulated-nodes.ts';
import { statefulSetController } from './stateful-set.ts';
import { isRunning } from './stateful-set-shape.ts';

const RUN: Fate = { succeeds: 0, fails: 0, pace: 256 };
const template = (image: string): JsonObject => ({ metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image }] } });
const stateful = (more: JsonObject = {}): JsonObject => ({ metadata: { name: 'db' }, spec: { replicas: 3, serviceName: 'dbs', selector: { matchLabels: { app: 'db' } }, template: template('v1'), ...more } });

interface World { readonly cluster: SimulatedCluster; readonly nodes: SimulatedNodes }

async function open(seed = 1, faultRate = 0): Promise<World> {
  const cluster = new SimulatedCluster([statefulSetController, garbageCollector(['apps/statefulsets', 'pods', 'persistentvolumeclaims'])], seed, faultRate);
  await cluster.runtime.open();
  return { cluster, nodes: new SimulatedNodes(cluster, new SeededRandom(seed)) };
}

/** @param watch looks at the pods after each step */
async function steps({ cluster, nodes }: World, times: number, fate: Fate = RUN, watch: (pods: readonly KubeObject[]) => void = () => {}): Promise<void> {
  for (let step = 0; step < times; step += 1) {
    await cluster.settle(4);
    watch(await cluster.list('pods'));
    await nodes.step(fate);
  }
  await cluster.settle(6);
}

const set = ({ cluster }: World): Promise<KubeObject> => cluster.get('apps/statefulsets', 'db');
const change = ({ cluster }: World, more: JsonObject): Promise<KubeObject> => cluster.patch('apps/statefulsets', 'db', (current) => ({ ...current, spec: { ...spec(current), ...more } }));
const names = (pods: readonly KubeObject[]): string => pods.map(({ metadata }) => metadata.name).sort().join(' ');
const images = async ({ cluster }: World): Promise<string> => (await cluster.list('pods')).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).map((pod) => (spec(pod)['containers'] as unknown as { image: string }[])[0]?.image).join(' ');

test('pods come one after another, each with its name, its number and its claim', async () => {
  const world = await open();
  const seen: string[] = [];
  const mounting = template('v1');
  Object.assign((mounting['spec'] as { containers: object[] }).containers[0] ?? {}, { volumeMounts: [{ name: 'data', mountPath: '/data' }] });
  await world.cluster.create('apps/statefulsets', stateful({ template: mounting, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] as unknown as JsonObject }));
  await steps(world, 10, RUN, (pods) => {
    if (seen.at(-1) !== names(pods)) seen.push(names(pods));
    assert.ok(pods.filter((pod) => !isRunning(pod)).length <= 1, 'only one at a time is on its way');
  });
  assert.deepEqual(seen.filter((each) => each !== ''), ['db-0', 'db-0 db-1', 'db-0 db-1 db-2']);
  const pod = await world.cluster.get('pods', 'db-1');
  const { hostname, subdomain, volumes } = spec(pod);
  assert.deepEqual([hostname, subdomain, volumes], ['db-1', 'dbs', [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }]]);
  const { collisionCount: _c, currentRevision, updateRevision, ...counts } = status(await set(world));
  assert.deepEqual(counts, { observedGeneration: 1, replicas: 3, readyReplicas: 3, availableReplicas: 3, currentReplicas: 3, updatedReplicas: 3 });
  assert.deepEqual([currentRevision, pod.metadata.labels?.['controller-revision-hash'], pod.metadata.labels?.['apps.kubernetes.io/pod-index'], pod.metadata.labels?.['statefulset.kubernetes.io/pod-name']], [updateRevision, updateRevision, '1', 'db-1']);
  assert.equal(names(await world.cluster.list('persistentvolumeclaims')), 'data-db-0 data-db-1 data-db-2');
  assert.ok((await world.cluster.list('events')).some((event) => event['message'] === 'create Pod db-2 in StatefulSet db successful'));
  assert.deepEqual(world.cluster.log, []);
});

test('it grows and shrinks at its end, and claims stay for who comes back', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ podManagementPolicy: 'Parallel', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] as unknown as JsonObject }));
  await world.cluster.settle();
  assert.equal(names(await world.cluster.list('pods')), 'db-0 db-1 db-2', 'all at once');
  await change(world, { replicas: 1 });
  await steps(world, 6);
  assert.equal(names(await world.cluster.list('pods')), 'db-0');
  assert.equal((await world.cluster.list('persistentvolumeclaims')).length, 3);
  await change(world, { replicas: 2, ordinals: { start: 5 } });
  await steps(world, 8);
  assert.equal(names(await world.cluster.list('pods')), 'db-5 db-6');
});

test('claims go with the set or with the pod where it says so', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' }, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] as unknown as JsonObject }));
  await steps(world, 10);
  await change(world, { replicas: 2 });
  await steps(world, 4);
  assert.equal(names(await world.cluster.list('persistentvolumeclaims')), 'data-db-0 data-db-1');
  await world.cluster.delete('apps/statefulsets', 'db');
  await steps(world, 6);
  assert.deepEqual([(await world.cluster.list('persistentvolumeclaims')).length, (await world.cluster.list('pods')).length], [0, 0]);
});

test('an update goes from the last pod down, one by one, to the partition', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }));
  await steps(world, 10);
  await change(world, { template: template('v2') });
  await steps(world, 14, RUN, (pods) => assert.ok(pods.filter((pod) => isRunning(pod) && !isDeleted(pod)).length >= 2, 'one at a time'));
  assert.equal(await images(world), 'v1 v2 v2');
  const { currentRevision, updateRevision, currentReplicas, updatedReplicas } = status(await set(world));
  assert.deepEqual([currentRevision === updateRevision, currentReplicas, updatedReplicas], [false, 1, 2]);
  await world.cluster.delete('pods', 'db-0');
  await steps(world, 6);
  assert.equal(await images(world), 'v1 v2 v2', 'below the partition the old template stays');
  await change(world, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
  await steps(world, 8);
  assert.equal(await images(world), 'v2 v2 v2');
  assert.equal(status(await set(world))['currentRevision'], updateRevision);
});

test('OnDelete waits for people; more than one may be missing where that is said', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ updateStrategy: { type: 'OnDelete' }, podManagementPolicy: 'Parallel' }));
  await steps(world, 4);
  await change(world, { template: template('v2') });
  await steps(world, 4);
  assert.equal(await images(world), 'v1 v1 v1');
  await world.cluster.delete('pods', 'db-1');
  await steps(world, 4);
  assert.equal(await images(world), 'v1 v2 v1');
  await change(world, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } } });
  await world.cluster.settle();
  assert.equal((await world.cluster.list('pods')).filter(isDeleted).length, 2);
});

test('a pod is waited for until it was ready long enough, when the set grows and when it changes', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ replicas: 2, minReadySeconds: 30, ordinals: { start: 3 } }));
  await steps(world, 5);
  assert.deepEqual([names(await world.cluster.list('pods')), status(await set(world))['readyReplicas'], status(await set(world))['availableReplicas']], ['db-3', 1, 0]);
  world.cluster.clock.advance(30_000);
  await steps(world, 5);
  assert.equal(names(await world.cluster.list('pods')), 'db-3 db-4');
  world.cluster.clock.advance(30_000);
  await steps(world, 2);
  assert.equal(status(await set(world))['availableReplicas'], 2);
  await change(world, { template: template('v2') });
  await steps(world, 6);
  assert.equal(await images(world), 'v1 v2', 'the next one waits');
  world.cluster.clock.advance(30_000);
  await steps(world, 6);
  assert.equal(await images(world), 'v2 v2');
});

test('a share of the pods may be missing in an update, rounded up, below which none goes', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ replicas: 5, podManagementPolicy: 'Parallel', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '30%', partition: 1 } } }));
  await steps(world, 6);
  await change(world, { template: template('v2') });
  let most = 0;
  await steps(world, 14, RUN, (pods) => (most = Math.max(most, 5 - pods.filter((pod) => isRunning(pod) && !isDeleted(pod)).length)));
  assert.deepEqual([most, await images(world)], [2, 'v1 v2 v2 v2 v2']);
});

test('revisions are patches that bring an older template back, and the oldest are forgotten', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ replicas: 1, revisionHistoryLimit: 1 }));
  await steps(world, 4);
  for (const image of ['v2', 'v3', 'v4']) {
    await change(world, { template: template(image) });
    await steps(world, 8);
  }
  const revisions = (await world.cluster.list('apps/controllerrevisions')).toSorted((a, b) => Number(a['revision']) - Number(b['revision']));
  assert.deepEqual(revisions.map((each) => each['revision']), [3, 4]);
  const patched = strategicMergePatch(new SchemaSet(schemaPackages), 'apps.v1.StatefulSet', asJson(await set(world)), revisions[0]?.['data'] as JsonObject) as JsonObject;
  await change(world, { template: (patched['spec'] as JsonObject)['template'] as JsonObject });
  await steps(world, 8);
  assert.equal(await images(world), 'v3');
  assert.deepEqual((await world.cluster.list('apps/controllerrevisions')).map((each) => each['revision']).sort(), [4, 5], 'what came back is the newest');
});

test('a pod that has ended, and one that was deleted, come back under their names', async () => {
  const world = await open();
  await world.cluster.create('apps/statefulsets', stateful({ replicas: 2 }));
  await steps(world, 8);
  await world.cluster.change('pods', 'db-0', (pod) => ({ ...pod, status: { phase: 'Failed' } }), 'status');
  await world.cluster.delete('pods', 'db-1');
  await steps(world, 12);
  assert.deepEqual([names(await world.cluster.list('pods')), (await world.cluster.list('pods')).every(isRunning)], ['db-0 db-1', true]);
  assert.ok((await world.cluster.list('events')).some((event) => event['reason'] === 'RecreatingFailedPod'));
});

test('whatever fails and whoever dies, no name is there twice, order holds, and it comes to what is wanted', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 4 }), fc.boolean(), async (seed, replicas, parallel) => {
    const world = await open(seed, 40);
    const { cluster } = world;
    await cluster.create('apps/statefulsets', stateful({ replicas, podManagementPolicy: parallel ? 'Parallel' : 'OrderedReady' }));
    const inOrder = (pods: readonly KubeObject[]): void => {
      const young = pods.filter((pod) => !isRunning(pod) && !isDeleted(pod));
      if (!parallel) assert.ok(young.length <= 1, `on their way at a time: ${names(young)}`);
    };
    const slow = { succeeds: 0, fails: 0, pace: 150 };
    for (const image of ['v2', 'v3']) {
      await steps(world, 6, slow, inOrder);
      await change(world, { template: template(image) });
      await cluster.restart();
    }
    await steps(world, 6, slow, inOrder);
    cluster.faults.rate = 0;
    cluster.clock.advance(60_000);
    for (let round = 0; round < 30 && status(await set(world))['updatedReplicas'] !== replicas || status(await set(world))['readyReplicas'] !== replicas; round += 1) await steps(world, 2);
    assert.equal(await images(world), Array<string>(replicas).fill('v3').join(' '));
  }), { numRuns: 3, seed: 3 });
});
