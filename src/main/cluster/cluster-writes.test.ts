import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { SimulatedCluster, status } from '#cluster/controllers/simulated-cluster.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { LocalWriter } from '#cluster/loop/local-writer.ts';
import { ClusterWrites } from './cluster-writes.ts';

test('a pod that has to make room is marked, told to go, and its event says for whom; the other waits for the node until it has one', async () => {
  const cluster = new SimulatedCluster([]);
  const writes = new ClusterWrites(new LocalWriter(cluster.writer, 'test'), cluster.writer, new ResourceRegistry(builtInResources), cluster.clock);
  await cluster.create('nodes', { metadata: { name: 'n' } });
  const pod = { spec: { containers: [{ name: 'c', image: 'x' }] } };
  const [victim, gone, high] = [await cluster.create('pods', { metadata: { name: 'low' }, ...pod }), await cluster.create('pods', { metadata: { name: 'gone' }, ...pod }), await cluster.create('pods', { metadata: { name: 'high' }, ...pod })];
  await cluster.bind('low', 'n');
  await cluster.delete('pods', 'gone');
  await writes.preempt(high, 'n', [gone, victim]);
  const low = await cluster.get('pods', 'low');
  assert.notEqual(low.metadata.deletionTimestamp, undefined);
  assert.deepEqual((status(low)['conditions'] as readonly { readonly type: string; readonly reason: string }[]).map(({ type, reason }) => `${type} ${reason}`), ['DisruptionTarget PreemptionByScheduler']);
  const told = (await cluster.list('events')).filter((event) => event['reason'] === 'Preempted');
  assert.deepEqual(told.map((event) => event['message']), [`Preempted by pod ${high.metadata.uid} on node n`]);
  assert.equal(status(await cluster.get('pods', 'high'))['nominatedNodeName'], 'n');
  await writes.bind(high, 'n');
  const bound = await cluster.get('pods', 'high');
  assert.deepEqual([(bound['spec'] as { readonly nodeName: string }).nodeName, status(bound)['nominatedNodeName']], ['n', undefined]);
});
