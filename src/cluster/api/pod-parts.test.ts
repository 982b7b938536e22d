import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from './_simulation.ts';

const PODS = '/api/v1/namespaces/default/pods';
const STRATEGIC = { type: 'application/strategic-merge-patch+json' };
type Asked = Awaited<ReturnType<Simulation['ask']>>;

async function start(spec: JsonObject = {}): Promise<{ readonly patch: (part: string, body: JsonObject) => Promise<Asked>; readonly cluster: Simulation }> {
  const cluster = new Simulation(undefined, rulesOf);
  const limits = { cpu: '100m', memory: '64Mi' };
  const made = await cluster.ask('POST', PODS, { metadata: { name: 'p' }, spec: { initContainers: [{ name: 'i', image: 'b', resources: { limits } }], containers: [{ name: 'a', image: 'b', resources: { limits } }], ...spec } });
  assert.equal(made.code, 201, JSON.stringify(made.body));
  return { cluster, patch: (part, body) => cluster.ask('PATCH', `${PODS}/p${part}`, body, STRATEGIC) };
}

const causes = ({ body }: Asked): readonly string[] => ((body['details'] as { readonly causes: readonly { readonly field: string; readonly message: string }[] }).causes).map(({ field, message }) => `${field}: ${message}`);
const debuggers = ({ body }: Asked): readonly unknown[] => ((body['spec'] as { readonly ephemeralContainers?: readonly { readonly name: string }[] }).ephemeralContainers ?? []).map(({ name }) => name);
const added = (...containers: readonly JsonObject[]): JsonObject => ({ spec: { ephemeralContainers: containers } });

test('ephemeral containers are added by their own path, and nothing else is changed by it', async () => {
  const { patch } = await start();
  const first = await patch('/ephemeralcontainers', { ...added({ name: 'd', image: 'x', targetContainerName: 'a' }), metadata: { labels: { new: 'yes' } } });
  assert.deepEqual([first.code, debuggers(first), (first.body['metadata'] as JsonObject)['labels']], [200, ['d'], undefined]);
  // As a typed client sends back what it read.
  assert.equal((await patch('/ephemeralcontainers', added({ name: 'd', image: 'x', targetContainerName: 'a', resources: {} }))).code, 200);
  assert.deepEqual(debuggers(await patch('/ephemeralcontainers', added({ name: 'e', image: 'x' }))).toSorted(), ['d', 'e']);
  assert.deepEqual(causes(await patch('/ephemeralcontainers', added({ name: 'd', image: 'y' }))), ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed']);
  assert.deepEqual(causes(await patch('/ephemeralcontainers', { spec: { ephemeralContainers: [{ name: 'd', $patch: 'delete' }] } })), ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed']);
  assert.equal((await patch('', added({ name: 'f', image: 'x' }))).code, 422, 'not by the path of the pod');
});

test('an ephemeral container has no ports, probes or resources, a name of its own and a target that is there', async () => {
  const { patch, cluster } = await start();
  const refused = async (container: JsonObject): Promise<readonly string[]> => causes(await patch('/ephemeralcontainers', added({ name: 'd', image: 'x', ...container })));
  assert.deepEqual(await refused({ ports: [{ containerPort: 1 }], livenessProbe: { exec: { command: ['x'] } }, resources: { limits: { cpu: '1' } } }), ['ports', 'livenessProbe', 'resources'].map((field) => `spec.ephemeralContainers[0].${field}: Forbidden: cannot be set for an Ephemeral Container`));
  assert.deepEqual(await refused({ name: 'a' }), ['spec.ephemeralContainers[0].name: Duplicate value: "a"']);
  assert.deepEqual(await refused({ targetContainerName: 'none' }), ['spec.ephemeralContainers[0].targetContainerName: Not found: "none"']);
  assert.deepEqual(await refused({ image: '' }), ['spec.ephemeralContainers[0].image: Required value']);
  const made = await cluster.ask('POST', PODS, { metadata: { name: 'q' }, spec: { containers: [{ name: 'a', image: 'b' }], ephemeralContainers: [{ name: 'd', image: 'x' }] } });
  assert.deepEqual(causes(made), ['spec.ephemeralContainers: Forbidden: cannot be set on create']);
});

const resized = (resources: JsonObject, name = 'a', role = 'containers'): JsonObject => ({ spec: { [role]: [{ name, resources }] } });

test('resources are changed by a path of their own, and the class of the pod stays', async () => {
  const { patch } = await start();
  const limits = { cpu: '200m', memory: '128Mi' };
  const done = await patch('/resize', { spec: { containers: [{ name: 'a', image: 'other', resources: { limits, requests: limits } }] } });
  const [container] = (done.body['spec'] as { readonly containers: readonly JsonObject[] }).containers;
  assert.deepEqual([done.code, container?.['image'], JSON.stringify(container?.['resources'])], [200, 'b', JSON.stringify({ limits, requests: limits })]);
  assert.equal((done.body['metadata'] as JsonObject)['generation'], 2);
  assert.deepEqual(causes(await patch('/resize', resized({ requests: { cpu: '50m' } }))), ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing']);
  assert.ok(causes(await patch('/resize', resized({ limits: { cpu: null } }))).includes('spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed'));
  assert.deepEqual(causes(await patch('/resize', resized({ limits: { 'ephemeral-storage': '1Gi' } }))), ['spec: Forbidden: only cpu and memory resources for containers and sidecar containers are mutable']);
  assert.deepEqual(causes(await patch('/resize', resized({ limits, requests: limits }, 'i', 'initContainers'))), ['spec: Forbidden: only cpu and memory resources for containers and sidecar containers are mutable']);
  assert.equal((await patch('', resized({ limits: { cpu: '300m' } }))).code, 422, 'not by the path of the pod');
});

test('a part of an object is not deleted', async () => {
  const { cluster } = await start();
  for (const part of ['status', 'resize', 'ephemeralcontainers']) assert.equal((await cluster.ask('DELETE', `${PODS}/p/${part}`)).code, 405, part);
  assert.equal((await cluster.ask('GET', `${PODS}/p/resize`)).code, 200);
});
