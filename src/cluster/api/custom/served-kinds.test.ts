import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { Simulation } from '../_simulation.ts';
import { byPreference } from '../resource-registry.ts';
import { ServedKinds } from './served-kinds.ts';

const LAMPS = '/apis/example.com/v1/namespaces/a/lamps';
const MERGE = { type: 'application/merge-patch+json' };
const schema = (more: JsonObject = {}): JsonObject => ({
  openAPIV3Schema: {
    type: 'object', properties: {
      spec: { type: 'object', properties: { level: { type: 'integer', default: 5, maximum: 10 }, colour: { type: 'string' }, parts: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } } }, ...more } },
      status: { type: 'object', properties: { level: { type: 'integer' }, selector: { type: 'string' } } },
    },
  },
});

function definition(versions: readonly JsonObject[], more: JsonObject = {}): KubeObject {
  const names = { plural: 'lamps', singular: 'lamp', kind: 'Lamp', listKind: 'LampList', shortNames: ['lp'] };
  return asObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'lamps.example.com', uid: 'u', ...more }, spec: { group: 'example.com', scope: 'Namespaced', names, versions: [...versions] }, status: { acceptedNames: names, conditions: [{ type: 'Established', status: 'True' }] } } as JsonObject);
}

const V1: JsonObject = {
  name: 'v1', served: true, storage: true, schema: schema(), subresources: { status: {}, scale: { specReplicasPath: '.spec.level', statusReplicasPath: '.status.level', labelSelectorPath: '.status.selector' } }, selectableFields: [{ jsonPath: '.spec.colour' }],
  additionalPrinterColumns: [{ name: 'Level', type: 'integer', jsonPath: '.spec.level' }, { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
};
const V1BETA1: JsonObject = { name: 'v1beta1', served: true, storage: false, deprecated: true, schema: schema({ old: { type: 'string', default: 'yes' } }) };

function serving(given: KubeObject = definition([V1BETA1, V1])): { readonly cluster: Simulation; readonly kinds: ServedKinds; serve(next: KubeObject | undefined): void } {
  const cluster = new Simulation();
  const kinds = new ServedKinds(cluster.registry);
  const serve = (next: KubeObject | undefined): void => {
    const change = kinds.changeOf('lamps.example.com', next);
    if (change !== undefined) kinds.apply('lamps.example.com', change);
  };
  serve(given);
  return { cluster, kinds, serve };
}

const lamp = (name: string, spec: JsonObject = {}): JsonObject => ({ metadata: { name }, spec });
const plain = (value: Json | undefined): unknown => JSON.parse(JSON.stringify(value ?? null));

test('a kind is kept in one version and shown in all, each with its own defaults', async () => {
  const { cluster } = serving();
  const made = await cluster.ask('POST', '/apis/example.com/v1beta1/namespaces/a/lamps', { apiVersion: 'example.com/v1beta1', kind: 'Lamp', ...lamp('one') });
  assert.deepEqual([made.code, made.body['apiVersion'], plain(made.body['spec'])], [201, 'example.com/v1beta1', { level: 5, old: 'yes' }]);
  const read = await cluster.ask('GET', `${LAMPS}/one`);
  assert.deepEqual([read.body['apiVersion'], plain(read.body['spec'])], ['example.com/v1', { level: 5, old: 'yes' }]);
  assert.match((await cluster.store.list('registry/example.com/lamps/', {})).entries[0]?.value ?? '', /"apiVersion":"example\.com\/v1"/);
  const list = await cluster.ask('GET', '/apis/example.com/v1/lamps');
  assert.deepEqual([list.body['kind'], (list.body['items'] as JsonObject[]).length], ['LampList', 1]);
  const warned = await cluster.send('GET', '/apis/example.com/v1beta1/namespaces/a/lamps/one');
  assert.deepEqual(warned.kind === 'json' && warned.warnings, ['example.com/v1beta1 Lamp is deprecated']);
});

test('unknown fields are told of and not kept, wrong ones refused by their path', async () => {
  const { cluster } = serving();
  const warned = await cluster.send('POST', LAMPS, lamp('a', { odd: 1, parts: [{ name: 'x', more: 1 }] }));
  assert.deepEqual(warned.kind === 'json' && warned.warnings, ['unknown field "spec.odd"', 'unknown field "spec.parts[0].more"']);
  assert.deepEqual(plain((await cluster.ask('GET', `${LAMPS}/a`)).body['spec']), { level: 5, parts: [{ name: 'x' }] });
  assert.equal((await cluster.ask('POST', `${LAMPS}?fieldValidation=Strict`, lamp('b', { odd: 1 }))).body['message'], 'Lamp in version "v1" cannot be handled as a Lamp: strict decoding error: unknown field "spec.odd"');
  const { code, body } = await cluster.ask('POST', LAMPS, lamp('b', { level: 11 }));
  assert.deepEqual([code, body['message']], [422, 'Lamp.example.com "b" is invalid: spec.level: Invalid value: 11: spec.level in body should be less than or equal to 10']);
  assert.equal((await cluster.ask('PATCH', `${LAMPS}/a`, { spec: {} }, { type: 'application/strategic-merge-patch+json' })).code, 415);
});

test('status, scale, generation, columns and selectors are as the version says', async () => {
  const { cluster } = serving();
  await cluster.ask('POST', LAMPS, lamp('a', { colour: 'red' }));
  const meta = async (): Promise<JsonObject> => (await cluster.ask('GET', `${LAMPS}/a`)).body['metadata'] as JsonObject;
  await cluster.ask('PATCH', `${LAMPS}/a/status`, { spec: { level: 1 }, status: { level: 3, selector: 'x=y' } }, MERGE);
  assert.equal((await meta())['generation'], 1);
  const scaled = await cluster.ask('PATCH', `${LAMPS}/a/scale`, { spec: { replicas: 7 } }, MERGE);
  assert.deepEqual([plain(scaled.body['spec']), plain(scaled.body['status'])], [{ replicas: 7 }, { replicas: 3, selector: 'x=y' }]);
  assert.equal((await meta())['generation'], 2);
  assert.equal((await cluster.ask('PATCH', `${LAMPS}/a/scale`, { spec: { replicas: 70 } }, MERGE)).code, 422);
  const table = await cluster.ask('GET', LAMPS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  assert.deepEqual([(table.body['columnDefinitions'] as JsonObject[]).map(({ name }) => name), (table.body['rows'] as JsonObject[])[0]?.['cells']], [['Name', 'Level', 'Age'], ['a', 7, '0s']]);
  for (const [colour, found] of [['red', 1], ['blue', 0]] as const) assert.equal(((await cluster.ask('GET', `${LAMPS}?fieldSelector=spec.colour%3D${colour}`)).body['items'] as JsonObject[]).length, found);
});

test('lists that are maps are owned item by item', async () => {
  const { cluster } = serving();
  const apply = async (manager: string, spec: JsonObject): Promise<{ readonly code: number; readonly body: JsonObject }> => await cluster.ask('PATCH', `${LAMPS}/a?fieldManager=${manager}`, { apiVersion: 'example.com/v1', kind: 'Lamp', ...lamp('a', spec) }, { type: 'application/apply-patch+yaml' });
  await apply('one', { parts: [{ name: 'x', size: 1 }] });
  const both = await apply('two', { parts: [{ name: 'y', size: 2 }] });
  assert.deepEqual(plain((both.body['spec'] as JsonObject)['parts']), [{ name: 'x', size: 1 }, { name: 'y', size: 2 }]);
  assert.match(String((await apply('two', { parts: [{ name: 'x', size: 9 }] })).body['message']), /conflict with "one": \.spec\.parts\[name="x"\]\.size/);
  assert.match(String((await apply('two', { odd: 1 })).body['message']), /\.spec\.odd: field not declared in schema/);
  assert.match(String((await cluster.ask('PATCH', `${LAMPS}/a?fieldManager=two`, { apiVersion: 'example.com/v1', kind: 'Lamp', metadata: { name: 'a', odd: 1 } }, { type: 'application/apply-patch+yaml' })).body['message']), /\.metadata\.odd: field not declared in schema/);
});

test('a kind is discovered and described as long as it is served, the stablest version first', async () => {
  const { cluster, serve } = serving();
  const group = await cluster.ask('GET', '/apis/example.com');
  assert.deepEqual((group.body['versions'] as JsonObject[]).map(({ version }) => version), ['v1', 'v1beta1']);
  const document = await cluster.ask('GET', '/openapi/v3/apis/example.com/v1');
  const schemas = (document.body['components'] as JsonObject)['schemas'] as JsonObject;
  assert.deepEqual((schemas['com.example.v1.Lamp'] as JsonObject)['x-kubernetes-group-version-kind'], [{ group: 'example.com', version: 'v1', kind: 'Lamp' }]);
  for (const [, name] of JSON.stringify(document.body).matchAll(/#\/components\/schemas\/([^"]+)/g)) assert.ok(Object.hasOwn(schemas, name as string), String(name));
  serve(definition([V1BETA1, V1], { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  assert.equal((await cluster.ask('POST', LAMPS, lamp('late'))).code, 405);
  assert.equal((await cluster.ask('PATCH', `${LAMPS}/late?fieldManager=m`, { apiVersion: 'example.com/v1', kind: 'Lamp', ...lamp('late') }, { type: 'application/apply-patch+yaml' })).code, 405);
  serve(undefined);
  assert.deepEqual([(await cluster.ask('GET', LAMPS)).code, (await cluster.ask('GET', '/apis/example.com')).code], [404, 404]);
});

test('versions come as people expect them', () => {
  assert.deepEqual(['v1alpha1', 'foo', 'v2', 'v11beta2', 'v10', 'v1', 'v3beta1', 'v11alpha2', 'bar10'].sort(byPreference), ['v10', 'v2', 'v1', 'v11beta2', 'v3beta1', 'v11alpha2', 'v1alpha1', 'bar10', 'foo']);
});
