import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedCluster } from './simulated-cluster.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { garbageCollector } from './garbage-collector.ts';

interface SliceEndpoint { readonly targetRef: { readonly name: string }; readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean } }

const service = (name: string, more: object = {}): never => ({ metadata: { name }, spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'web' }], ...more } }) as never;
const pod = (name: string, app: string, port = 8080): never => ({ metadata: { name, labels: { app } }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: port }] }] } }) as never;
const endpoints = async (cluster: SimulatedCluster): Promise<string[]> => (await cluster.list('discovery.k8s.io/endpointslices')).flatMap((slice) => (slice['endpoints'] as SliceEndpoint[]).map(({ targetRef, conditions }) => `${targetRef.name}${conditions.ready ? ' ready' : ''}${conditions.terminating ? ' terminating' : ''}`)).sort();

async function open(): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster([endpointSliceController, garbageCollector(['services', 'discovery.k8s.io/endpointslices', 'pods'])]);
  await cluster.runtime.open();
  return cluster;
}

test('pods that match stand behind the service, ready or not, by the number that their port has', async () => {
  const cluster = await open();
  await cluster.create('services', service('web'));
  for (const name of ['a', 'b']) await cluster.create('pods', pod(name, 'web'));
  await cluster.create('pods', pod('other', 'db'));
  await cluster.bringUp(await cluster.get('pods', 'a'));
  await cluster.change('pods', 'b', (current) => ({ ...current, status: { phase: 'Running', podIP: '10.0.0.2' } }), 'status');
  await cluster.settle();
  assert.deepEqual(await endpoints(cluster), ['a ready', 'b']);
  const [slice] = await cluster.list('discovery.k8s.io/endpointslices');
  assert.deepEqual(slice?.['ports'], [{ name: 'http', protocol: 'TCP', port: 8080 }]);
});

test('a pod that ends is withdrawn before it is gone', async () => {
  const cluster = await open();
  await cluster.create('services', service('web'));
  await cluster.create('pods', pod('a', 'web'));
  await cluster.bringUp(await cluster.get('pods', 'a'));
  await cluster.settle();
  await cluster.delete('pods', 'a');
  await cluster.settle();
  assert.deepEqual(await endpoints(cluster), ['a terminating']);
});

test('a pod has its name in the service that it names, and in no other', async () => {
  const cluster = await open();
  for (const name of ['dbs', 'all']) await cluster.create('services', service(name, { selector: { app: 'db' } }));
  await cluster.create('pods', { metadata: { name: 'db-0', labels: { app: 'db' } }, spec: { nodeName: 'n', hostname: 'db-0', subdomain: 'dbs', containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: 1 }] }] } } as never);
  await cluster.bringUp(await cluster.get('pods', 'db-0'));
  await cluster.settle();
  const named = (await cluster.list('discovery.k8s.io/endpointslices')).map((slice) => [slice.metadata.labels?.['kubernetes.io/service-name'], (slice['endpoints'] as { hostname?: string }[])[0]?.hostname]);
  assert.deepEqual(named.sort(), [['all', undefined], ['dbs', 'db-0']]);
});

test('pods with other numbers get a slice of their own, and slices go with their service', async () => {
  const cluster = await open();
  await cluster.create('services', service('web'));
  await cluster.create('pods', pod('a', 'web', 8080));
  await cluster.create('pods', pod('b', 'web', 9090));
  for (const name of ['a', 'b']) await cluster.bringUp(await cluster.get('pods', name));
  await cluster.settle();
  assert.equal((await cluster.list('discovery.k8s.io/endpointslices')).length, 2);
  await cluster.delete('services', 'web');
  await cluster.settle();
  assert.equal((await cluster.list('discovery.k8s.io/endpointslices')).length, 0);
});

test('two hundred and fifty pods are three slices, and one more changes one of them', async () => {
  const cluster = await open();
  await cluster.create('services', service('web'));
  for (let at = 0; at < 250; at += 1) {
    await cluster.create('pods', pod(`p${at}`, 'web'));
    await cluster.bringUp(await cluster.get('pods', `p${at}`));
  }
  await cluster.settle();
  const sizes = async (): Promise<number[]> => (await cluster.list('discovery.k8s.io/endpointslices')).map((slice) => (slice['endpoints'] as object[]).length).sort((a, b) => a - b);
  assert.deepEqual(await sizes(), [50, 100, 100]);
});
