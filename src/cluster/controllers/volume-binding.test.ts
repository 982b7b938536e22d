import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { SimulatedCluster, spec, status } from './simulated-cluster.ts';
import { volumeBindingController } from './volume-binding.ts';
import { CLAIM_PROTECTION, localStorageClass, NODE_DIRECTORY } from './volume-shape.ts';

const claim = (name: string, more: JsonObject = {}): JsonObject => ({ metadata: { name, finalizers: [CLAIM_PROTECTION] }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'standard', ...more } });
const volume = (name: string, storage: string, more: JsonObject = {}): JsonObject => ({ metadata: { name }, spec: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], capacity: { storage }, hostPath: { path: '/x' }, ...more } });
const user = (name: string, claimName: string): JsonObject => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName } }] } });

async function open(seed = 1, faultRate = 0): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster([volumeBindingController], seed, faultRate);
  await cluster.runtime.open();
  await cluster.create('storage.k8s.io/storageclasses', localStorageClass as unknown as JsonObject);
  await cluster.create('nodes', { metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' }, annotations: { [NODE_DIRECTORY]: '/volumes' } }, spec: {} });
  await cluster.settle(4);
  return cluster;
}

const phase = async (cluster: SimulatedCluster, resource: string, name: string): Promise<unknown> => status(await cluster.get(resource, name))['phase'];
const bound = async (cluster: SimulatedCluster, name: string): Promise<unknown> => [await phase(cluster, 'persistentvolumeclaims', name), spec(await cluster.get('persistentvolumeclaims', name))['volumeName']];

test('a volume is made on the node of the first pod that needs it, and left behind when its claim goes', async () => {
  const cluster = await open();
  await cluster.create('persistentvolumeclaims', claim('data'));
  await cluster.create('pods', user('web', 'data'));
  await cluster.settle(6);
  assert.deepEqual(await bound(cluster, 'data'), ['Pending', undefined]);
  await cluster.bind('web', 'n1');
  await cluster.settle(8);
  const { uid } = (await cluster.get('persistentvolumeclaims', 'data')).metadata;
  assert.deepEqual(await bound(cluster, 'data'), ['Bound', `pvc-${uid}`]);
  const made = await cluster.get('persistentvolumes', `pvc-${uid}`);
  const { local, nodeAffinity, persistentVolumeReclaimPolicy, capacity } = spec(made);
  assert.deepEqual([local, persistentVolumeReclaimPolicy, capacity, status(made)['phase']], [{ path: `/volumes/pvc-${uid}` }, 'Delete', { storage: '1Gi' }, 'Bound']);
  assert.deepEqual(nodeAffinity, { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] }] } });
  assert.deepEqual((await cluster.list('events')).map((event) => event['reason']).sort(), ['ProvisioningSucceeded', 'WaitForFirstConsumer']);
  await cluster.delete('persistentvolumeclaims', 'data');
  await cluster.settle(6);
  assert.equal(await phase(cluster, 'persistentvolumes', `pvc-${uid}`), 'Bound', 'a pod uses it: the claim stays');
  await cluster.release('web');
  await cluster.settle(6);
  assert.deepEqual([(await cluster.list('persistentvolumeclaims')).length, await phase(cluster, 'persistentvolumes', `pvc-${uid}`)], [0, 'Released']);
  assert.deepEqual(cluster.log, []);
});

test('of volumes that are there, the smallest that has all that is asked for is taken, once', async () => {
  const cluster = await open();
  for (const [name, storage, more] of [['small', '512Mi', {}], ['large', '5Gi', {}], ['fit', '2Gi', {}], ['other', '1Gi', { storageClassName: 'other' }]] as const) await cluster.create('persistentvolumes', volume(name, storage, more));
  await cluster.create('persistentvolumes', volume('kept', '1Gi', { claimRef: { namespace: 'default', name: 'mine' } }));
  for (const name of ['first', 'second', 'third', 'mine']) await cluster.create('persistentvolumeclaims', claim(name, { storageClassName: '' }));
  await cluster.create('persistentvolumeclaims', claim('shared', { storageClassName: '', accessModes: ['ReadWriteMany'] }));
  await cluster.settle(12);
  assert.deepEqual(await bound(cluster, 'mine'), ['Bound', 'kept'], 'what is reserved is for that name');
  const taken = (await Promise.all(['first', 'second', 'third'].map((name) => bound(cluster, name)))).map(String).sort();
  assert.deepEqual(taken, ['Bound,fit', 'Bound,large', 'Pending,']);
  assert.deepEqual([await bound(cluster, 'shared'), await phase(cluster, 'persistentvolumes', 'small'), await phase(cluster, 'persistentvolumes', 'other')], [['Pending', undefined], 'Available', 'Available']);
  await cluster.create('persistentvolumes', volume('late', '3Gi'));
  await cluster.settle(8);
  assert.equal(await phase(cluster, 'persistentvolumes', 'late'), 'Bound', 'who waits gets what comes');
});

test('a claim of a class that is not there, and one whose volume is gone, say so', async () => {
  const cluster = await open();
  await cluster.create('persistentvolumeclaims', claim('lost', { storageClassName: 'nowhere' }));
  await cluster.create('persistentvolumes', volume('v', '1Gi', { storageClassName: '' }));
  await cluster.create('persistentvolumeclaims', claim('had', { storageClassName: '' }));
  await cluster.settle(8);
  assert.deepEqual(await bound(cluster, 'had'), ['Bound', 'v']);
  await cluster.delete('persistentvolumes', 'v');
  await cluster.settle(6);
  assert.equal(await phase(cluster, 'persistentvolumeclaims', 'had'), 'Lost');
  assert.ok((await cluster.list('events')).some((event) => event['message'] === 'storageclass.storage.k8s.io "nowhere" not found'));
});

test('whatever fails and whoever dies, each claim has one volume and no volume has two claims', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }), async (seed, claims, ready) => {
    const cluster = await open(seed, 60);
    for (let at = 0; at < ready; at += 1) await cluster.create('persistentvolumes', volume(`v${at}`, '1Gi', { storageClassName: 'standard' }));
    for (let at = 0; at < claims; at += 1) {
      await cluster.create('persistentvolumeclaims', claim(`c${at}`));
      await cluster.create('pods', user(`p${at}`, `c${at}`));
      await cluster.bind(`p${at}`, 'n1');
      if (at % 2 === 1) await cluster.restart();
    }
    await cluster.settle(10);
    cluster.faults.rate = 0;
    cluster.clock.advance(60_000);
    await cluster.settle(20);
    const names = (await cluster.list('persistentvolumeclaims')).map((each: KubeObject) => [status(each)['phase'], spec(each)['volumeName']]);
    assert.deepEqual(names.map(([is]) => is), Array<string>(claims).fill('Bound'));
    assert.equal(new Set(names.map(([, name]) => name)).size, claims);
  }), { numRuns: 3, seed: 3 });
});
