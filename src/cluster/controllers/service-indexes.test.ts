import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { countingView } from './counting-view.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { podsOf, servicesOf, slicesOf } from './service-indexes.ts';
import { selects } from './service-shape.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'zone', 'app.kubernetes.io/name'), fc.constantFrom('x', 'y', ''), { maxKeys: 4 });
const step = fc.record({ kind: fc.constantFrom('pods', 'services'), name: fc.integer({ min: 0, max: 4 }), labels, goes: fc.boolean() });

test('whatever comes, changes and goes, services find their pods, and pods their services, as by going through all', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), async (steps) => {
    const cluster = new SimulatedCluster([endpointSliceController]);
    await cluster.runtime.open();
    for (const { kind, name: number, labels: own, goes } of steps) {
      const name = `o${number}`;
      const object: JsonObject = kind === 'pods' ? { metadata: { name, labels: own }, spec: { containers: [{ name: 'c', image: 'i' }] } } : { metadata: { name }, spec: { selector: own, ports: [{ port: 80 }] } };
      const there = (await cluster.list(kind)).some(({ metadata }) => metadata.name === name);
      if (there && goes) await (kind === 'pods' ? cluster.release(name) : cluster.delete(kind, name));
      else if (there) await cluster.patch(kind, name, (current) => (kind === 'pods' ? { ...current, metadata: { ...current.metadata, labels: own } } : { ...current, spec: { ...current['spec'] as object, selector: own } }));
      else await cluster.create(kind, object);
      await cluster.settle(1);
      const { view } = countingView(cluster);
      const names = (objects: readonly KubeObject[]): string => objects.map(({ metadata }) => metadata.name).sort().join();
      const [pods, services] = [view.list('pods'), view.list('services')];
      for (const service of services) assert.equal(names(podsOf(service, view)), names(pods.filter((pod) => selects(service, pod))));
      for (const pod of pods) assert.equal(names(servicesOf(pod, view)), names(services.filter((service) => selects(service, pod))));
    }
  }), { numRuns: 12 });
});

test('a change costs what changed, however many services and pods there are', async () => {
  const costs = [10, 80].map(async (services): Promise<number> => {
    const cluster = new SimulatedCluster([endpointSliceController]);
    for (let index = 0; index < services; index += 1) {
      await cluster.create('services', { metadata: { name: `s${index}` }, spec: { selector: { tier: 'web', app: `s${index}` }, ports: [{ port: 80 }] } });
      await cluster.bringUp(await cluster.create('pods', { metadata: { name: `p${index}`, labels: { tier: 'web', app: `s${index}`, other: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }));
    }
    await cluster.runtime.open();
    await cluster.settle(40);
    const { view, seen } = countingView(cluster);
    const pod = view.get('pods', 'default', 'p3') as KubeObject;
    assert.deepEqual(endpointSliceController.keysFor('pods', pod, view), ['default/s3']);
    const before = seen();
    assert.deepEqual(endpointSliceController.reconcile('default/s3', view, 0).writes, [], 'all is written');
    assert.equal(slicesOf('default', 's3', 'endpointslice-controller.k8s.io', view).length, 1);
    // Those of a label that all have are counted, and not looked at.
    return seen() - before - view.list('pods').length;
  });
  const [few, many] = await Promise.all(costs);
  assert.equal(few, many);
});

test('a pod of more labels than services select by is found all the same', async () => {
  const cluster = new SimulatedCluster([endpointSliceController]);
  await cluster.runtime.open();
  const all = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`l${index}`, 'x']));
  for (const name of Object.keys(all)) await cluster.create('services', { metadata: { name }, spec: { selector: { [name]: 'x' }, ports: [{ port: 80 }] } });
  await cluster.create('pods', { metadata: { name: 'p', labels: all }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await cluster.settle(4);
  const { view } = countingView(cluster);
  assert.equal(servicesOf(view.get('pods', 'default', 'p') as KubeObject, view).length, 14);
});
