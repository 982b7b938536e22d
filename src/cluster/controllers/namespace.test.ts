import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { garbageCollector } from './garbage-collector.ts';
import { namespaceController } from './namespace.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

async function open(): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster([namespaceController(['pods', 'configmaps'])]);
  await cluster.runtime.open();
  await cluster.create('namespaces', { metadata: { name: 'default' } });
  return cluster;
}

const names = async (cluster: SimulatedCluster, resource: string): Promise<string[]> => (await cluster.list(resource)).map(({ metadata }) => metadata.name);
const free = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, finalizers: [] } });

test('a namespace that is deleted is emptied, and goes when it is', async () => {
  const cluster = await open();
  assert.deepEqual((await cluster.get('namespaces', 'default'))['status'], { phase: 'Active' });
  await cluster.create('configmaps', { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
  await cluster.create('configmaps', { metadata: { name: 'free' } });
  await cluster.delete('namespaces', 'default');
  await cluster.settle();
  assert.deepEqual(await names(cluster, 'configmaps'), ['held']);
  const { phase, conditions } = (await cluster.get('namespaces', 'default'))['status'] as { phase: string; conditions: { type: string; status: string; message: string }[] };
  assert.equal(phase, 'Terminating');
  assert.deepEqual(conditions.filter(({ status }) => status === 'True').map(({ type, message }) => `${type}: ${message}`), [
    'NamespaceContentRemaining: Some resources are remaining: configmaps. has 1 resource instances',
    'NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  ]);
  await cluster.change('configmaps', 'held', free);
  await cluster.settle();
  assert.deepEqual(await cluster.list('namespaces'), []);
});

test('pods go before what they may still need', async () => {
  const cluster = await open();
  await cluster.create('configmaps', { metadata: { name: 'needed' } });
  await cluster.create('pods', { metadata: { name: 'last', finalizers: ['example.com/hold'] }, spec: { containers: [{ name: 'c', image: 'x' }] } });
  await cluster.delete('namespaces', 'default');
  await cluster.settle();
  assert.deepEqual([await names(cluster, 'pods'), await names(cluster, 'configmaps')], [['last'], ['needed']]);
  await cluster.change('pods', 'last', free);
  await cluster.settle();
  assert.deepEqual([await names(cluster, 'configmaps'), await names(cluster, 'namespaces')], [[], []]);
});

test('objects that own each other in a circle go, whichever is deleted', async () => {
  const cluster = new SimulatedCluster([garbageCollector(['configmaps'])]);
  await cluster.runtime.open();
  const made = new Map<string, KubeObject>();
  for (const name of ['a', 'b', 'c']) made.set(name, await cluster.create('configmaps', { metadata: { name } }));
  for (const [name, owner] of [['a', 'c'], ['b', 'a'], ['c', 'b']] as const) {
    await cluster.change('configmaps', name, (object) => ({ ...object, metadata: { ...object.metadata, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: made.get(owner)?.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }] } }));
  }
  await cluster.delete('configmaps', 'a', 'Foreground');
  await cluster.settle();
  assert.deepEqual(await names(cluster, 'configmaps'), []);
});
