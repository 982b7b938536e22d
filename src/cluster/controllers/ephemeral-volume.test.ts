import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';
import { SimulatedCluster, spec } from './simulated-cluster.ts';

const template = { metadata: { labels: { a: 'b' }, annotations: { note: 'x' } }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const user = (name: string): JsonObject => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: template } }, { name: 'e', emptyDir: {} }] } });
const CLAIMS = 'persistentvolumeclaims';

test('a pod whose volume has a template has a claim of its own, by its name', async () => {
  const cluster = new SimulatedCluster([ephemeralVolumeController]);
  await cluster.runtime.open();
  const { metadata: { uid } } = await cluster.create('pods', user('web'));
  await cluster.settle(4);
  const [claim, ...others] = await cluster.list(CLAIMS);
  assert.ok(claim !== undefined && others.length === 0);
  assert.deepEqual([claim.metadata.name, claim.metadata.labels, claim.metadata.annotations], ['web-scratch', { a: 'b' }, { note: 'x' }]);
  assert.deepEqual(claim.metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid, controller: true, blockOwnerDeletion: true }]);
  assert.deepEqual([spec(claim)['resources'], spec(claim)['accessModes']], [template.spec.resources, template.spec.accessModes]);
  await cluster.delete(CLAIMS, 'web-scratch');
  await cluster.settle(4);
  assert.equal((await cluster.list(CLAIMS)).length, 1, 'one that is taken away is made again');
  assert.deepEqual([cluster.log, await cluster.list('events')], [[], []]);
});

test('a namesake that somebody else made is not taken, until it is gone', async () => {
  const cluster = new SimulatedCluster([ephemeralVolumeController]);
  await cluster.runtime.open();
  await cluster.create(CLAIMS, { metadata: { name: 'web-scratch' }, spec: template.spec });
  await cluster.create('pods', user('web'));
  await cluster.settle(4);
  const [event, ...more] = await cluster.list('events');
  assert.deepEqual([event?.['reason'], event?.['message'], more.length], ['FailedBinding', 'ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)', 0]);
  assert.equal((await cluster.get(CLAIMS, 'web-scratch')).metadata.ownerReferences, undefined);
  await cluster.delete(CLAIMS, 'web-scratch');
  await cluster.settle(4);
  assert.equal((await cluster.get(CLAIMS, 'web-scratch')).metadata.ownerReferences?.[0]?.name, 'web');
});

test('a claim that may not be made is told at the pod, and tried again', async () => {
  const cluster = new SimulatedCluster([ephemeralVolumeController]);
  await cluster.runtime.open();
  cluster.faults.refused = CLAIMS;
  await cluster.create('pods', user('web'));
  await cluster.settle(60);
  const told = (await cluster.list('events')).map((event) => `${String(event['reason'])} ${String(event['message'])}`);
  assert.ok(told.length > 0 && told.every((text) => text.startsWith('FailedBinding ephemeral volume scratch: create PVC web-scratch: ')), told.join('\n'));
  cluster.faults.refused = undefined;
  cluster.clock.advance(60_000);
  await cluster.settle(10);
  assert.equal((await cluster.list(CLAIMS)).length, 1);
});

test('a pod that is deleted has no claim made any more', async () => {
  const cluster = new SimulatedCluster([ephemeralVolumeController]);
  const object = user('web');
  await cluster.create('pods', { ...object, metadata: { ...object['metadata'] as JsonObject, finalizers: ['example.com/hold'] } });
  await cluster.delete('pods', 'web');
  await cluster.runtime.open();
  await cluster.settle(4);
  assert.deepEqual(await cluster.list(CLAIMS), []);
});

test('whatever fails and whoever dies, each pod comes to have one claim for each template', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 4 }), async (seed, pods) => {
    const cluster = new SimulatedCluster([ephemeralVolumeController], seed, 60);
    await cluster.runtime.open();
    for (let index = 0; index < pods; index += 1) await cluster.create('pods', user(`p${index}`));
    await cluster.settle(2);
    await cluster.restart();
    cluster.faults.rate = 0;
    await cluster.settle(40);
    assert.deepEqual((await cluster.list(CLAIMS)).map(({ metadata }) => metadata.name).sort(), Array.from({ length: pods }, (_, index) => `p${index}-scratch`));
  }), { numRuns: 5 });
});
