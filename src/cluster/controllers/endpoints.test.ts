import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { endpointMirrorController } from './endpoint-mirror.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { endpointsController } from './endpoints.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

async function open(): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster([endpointsController, endpointMirrorController, endpointSliceController]);
  await cluster.runtime.open();
  return cluster;
}

const service = (spec: JsonObject): JsonObject => ({ metadata: { name: 'web', labels: { tier: 'front' } }, spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec } });
const subsets = ({ subsets: all = [] }: KubeObject & { readonly subsets?: unknown }): unknown => JSON.parse(JSON.stringify(all));

async function up(cluster: SimulatedCluster, name: string, podIP: string, ready: boolean): Promise<void> {
  await cluster.create('pods', { metadata: { name, labels: { app: 'web' } }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'x' }] } });
  await cluster.change('pods', name, (pod) => ({ ...pod, status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } }), 'status');
}

test('the older form of what stands behind a service has those that are ready, and those that are not', async () => {
  const cluster = await open();
  await cluster.create('services', service({ selector: { app: 'web' } }));
  await cluster.settle();
  assert.deepEqual(subsets(await cluster.get('endpoints', 'web')), []);
  assert.equal((await cluster.list('discovery.k8s.io/endpointslices')).length, 1, 'an empty one says that it was looked at');
  await up(cluster, 'b', '10.0.0.2', true);
  await up(cluster, 'a', '10.0.0.1', false);
  await cluster.settle();
  const endpoints = await cluster.get('endpoints', 'web');
  assert.deepEqual({ ...endpoints.metadata.labels }, { tier: 'front', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
  const target = async (name: string): Promise<JsonObject> => ({ kind: 'Pod', namespace: 'default', name, uid: (await cluster.get('pods', name)).metadata.uid });
  assert.deepEqual(subsets(endpoints), [{ ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], addresses: [{ ip: '10.0.0.2', nodeName: 'n', targetRef: await target('b') }], notReadyAddresses: [{ ip: '10.0.0.1', nodeName: 'n', targetRef: await target('a') }] }]);
  assert.equal((await cluster.list('discovery.k8s.io/endpointslices')).length, 1);
  await cluster.delete('services', 'web');
  await cluster.settle();
  assert.deepEqual(await cluster.list('endpoints'), []);
});

test('what people write down for a service without a selector becomes slices, as long as it stands', async () => {
  const cluster = await open();
  await cluster.create('services', service({}));
  await cluster.create('endpoints', { metadata: { name: 'web' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ port: 5432 }] }] });
  await cluster.create('endpoints', { metadata: { name: 'nobody' }, subsets: [{ addresses: [{ ip: '192.0.2.3' }], ports: [{ port: 1 }] }] });
  await cluster.settle();
  const shown = async (): Promise<unknown[]> => (await cluster.list('discovery.k8s.io/endpointslices')).map((slice) => JSON.parse(JSON.stringify([slice.metadata.labels?.['kubernetes.io/service-name'], slice['addressType'], slice['ports'], slice['endpoints']]))).sort() as unknown[];
  const ports = [{ name: '', protocol: 'TCP', port: 5432 }];
  assert.deepEqual(await shown(), [
    ['web', 'IPv4', ports, [{ addresses: ['192.0.2.1'], conditions: { ready: true } }, { addresses: ['192.0.2.2'], conditions: { ready: false } }]],
    ['web', 'IPv6', ports, [{ addresses: ['2001:db8::1'], conditions: { ready: true } }]],
  ]);
  await cluster.change('endpoints', 'web', (endpoints) => ({ ...endpoints, subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 5432 }] }] }));
  await cluster.settle();
  assert.deepEqual(await shown(), [['web', 'IPv4', ports, [{ addresses: ['192.0.2.9'], conditions: { ready: true } }]]]);
  await cluster.change('endpoints', 'web', (endpoints) => ({ ...endpoints, metadata: { ...endpoints.metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } }));
  await cluster.settle();
  assert.deepEqual(await shown(), []);
});
