import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedCluster } from '#cluster/controllers/simulated-cluster.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NodePort } from './node-port.ts';
import { PodVolumes } from './pod-volumes.ts';
import type { VolumePlan } from './volumes.ts';

const base64 = (text: string): string => new TextEncoder().encode(text).toBase64();

/** A node that notes which files it has, and tokens that are numbered. */
async function open(volumes: readonly object[]): Promise<{ readonly cluster: SimulatedCluster; readonly kept: PodVolumes; readonly files: () => string; readonly woken: string[]; readonly writes: () => number; pod(): KubeObject }> {
  const cluster = new SimulatedCluster([]);
  const { clock, runtime } = cluster;
  const woken: string[] = [];
  let [text, writes, issued] = ['', 0, 0];
  const node = {
    provideVolume: async (_uid: string, plan: VolumePlan) => {
      writes += 1;
      if (plan.kind === 'files') text = [...plan.files].map(([path, { bytes }]) => `${path}=${new TextDecoder().decode(bytes)}`).join(' ');
      return '/v';
    },
    removeVolumes: async () => {},
  } as unknown as NodePort;
  const caches = { pods: runtime.cache('pods'), configMaps: runtime.cache('configmaps'), secrets: runtime.cache('secrets'), services: runtime.cache('services'), claims: runtime.cache('persistentvolumeclaims'), volumes: runtime.cache('persistentvolumes') };
  const kept = new PodVolumes({ ...caches, nodeName: 'n', engine: undefined as never, pulls: undefined as never, events: undefined as never, hostIp: '', room: { cpuMilli: 0, memoryBytes: 0 }, rootCa: '', node, clock, wake: (key) => woken.push(key), token: async () => `T${(issued += 1)}` });
  await runtime.open();
  await cluster.create('pods', { metadata: { name: 'p', labels: { a: '1' } }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'x' }], volumes: volumes as never } });
  await cluster.settle(2);
  return { cluster, kept, files: () => text, woken, writes: () => writes, pod: () => caches.pods.get('default', 'p') as KubeObject };
}

test('a change of what a volume shows wakes its pod and is written, and nothing else is', async () => {
  const { cluster, kept, files, woken, writes, pod } = await open([{ name: 'v', projected: { sources: [{ configMap: { name: 'm' } }, { secret: { name: 's', items: [{ key: 'k', path: 'secret' }] } }, { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } }]);
  await cluster.create('configmaps', { metadata: { name: 'm' }, data: { a: '1' } });
  await cluster.create('secrets', { metadata: { name: 's' }, data: { k: base64('x') } });
  await cluster.settle(2);
  await kept.provide(pod(), await kept.sources(pod(), ''));
  assert.equal(files(), 'a=1 secret=x labels=a="1"');
  woken.length = 0;
  assert.equal(await kept.refresh(pod(), ''), undefined);
  assert.equal(writes(), 1);
  await cluster.create('configmaps', { metadata: { name: 'other' }, data: {} });
  await cluster.settle(2);
  assert.deepEqual(woken, [], 'no volume shows it');
  await cluster.change('configmaps', 'm', (map) => ({ ...map, data: { a: '2' } }));
  await cluster.settle(2);
  assert.deepEqual(woken, ['default/p']);
  await kept.refresh(pod(), '');
  assert.equal(files(), 'a=2 secret=x labels=a="1"');
  await cluster.change('secrets', 's', (secret) => ({ ...secret, data: { k: base64('y') } }));
  await cluster.change('pods', 'p', (each) => ({ ...each, metadata: { ...each.metadata, labels: { a: '2' } } }));
  await cluster.settle(2);
  await kept.refresh(pod(), '');
  assert.equal(files(), 'a=2 secret=y labels=a="2"');
  assert.equal(writes(), 3);
});

test('a token is renewed when four fifths of its life are over, and not before', async () => {
  const { cluster, kept, files, pod } = await open([{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 600 } }] } }]);
  await kept.provide(pod(), await kept.sources(pod(), ''));
  assert.equal(files(), 'token=T1');
  const due = await kept.refresh(pod(), '');
  assert.ok(due !== undefined && due > 479_000 && due <= 480_000, String(due));
  await kept.sources(pod(), '');
  assert.equal(files(), 'token=T1');
  cluster.clock.advance(480_000);
  await kept.refresh(pod(), '');
  assert.equal(files(), 'token=T2');
});

test('a pod that an earlier life of the agent saw to is brought up to date at the first look', async () => {
  const { kept, files, pod } = await open([{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }]);
  await kept.refresh(pod(), '');
  assert.equal(files(), 'token=T1');
});
