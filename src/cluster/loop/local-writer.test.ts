import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { Admission } from '#cluster/api/admission.ts';
import { FieldManager } from '#cluster/api/apply/field-manager.ts';
import { ObjectStore } from '#cluster/api/object-store.ts';
import { ObjectWriter } from '#cluster/api/object-writer.ts';
import { compiledKind, customResources } from '#cluster/kinds/custom/custom-kind.ts';
import { asObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { MemoryStore } from '#store/memory.ts';
import { LocalWriter } from './local-writer.ts';
import { ObjectCache } from './object-cache.ts';

const versions = [['v2', 'brightness'], ['v1', 'level']].map(([name = '', field = '']) => ({ name, served: true, storage: name === 'v2', schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', required: [field], properties: { [field]: { type: 'integer' } } } } } } }));
const names = { plural: 'lamps', singular: 'lamp', kind: 'Lamp', listKind: 'LampList' };
const WEBHOOK = { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://x/' }, conversionReviewVersions: ['v1'] } };
const served = (conversion: JsonObject): ResourceDefinition | undefined => customResources(asObject({ metadata: { name: 'lamps.example.com', uid: 'u' }, status: { acceptedNames: names }, spec: { group: 'example.com', scope: 'Namespaced', versions, conversion } }))[0];

for (const [title, conversion] of [['a kind that a webhook converts are looked after as they are stored, and nobody is asked', WEBHOOK], ['any other kind of users are, too', { strategy: 'None' }]] as const) test(`objects of ${title}`, async () => {
  const of = served(conversion);
  assert.ok(of !== undefined);
  const [store, clock] = [new MemoryStore(), new ManualClock()];
  // It throws where it is to convert anything.
  const objects = new ObjectStore(store);
  const key = 'registry/example.com/lamps/a/one';
  await store.create(key, JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Lamp', metadata: { name: 'one', namespace: 'a', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 1, labels: { a: 'b' }, finalizers: ['example.com/f', 'example.com/g'] }, spec: { level: 1 } }));
  const kept = async (): Promise<{ readonly apiVersion: string; readonly metadata: JsonObject; readonly spec: Json }> => JSON.parse((await store.get(key))?.value ?? '{}') as { readonly apiVersion: string; readonly metadata: JsonObject; readonly spec: Json };
  const local = new LocalWriter(new ObjectWriter({ objects, rulesOf: ({ custom }) => (custom === undefined ? {} : compiledKind(custom).rules), admission: new Admission(), fields: new FieldManager(new SchemaSet(schemaPackages)), clock, random: new SeededRandom(1) }), 'collector');
  const cache = new ObjectCache(of, objects, () => {}, { timers: clock, log: () => {} });
  await cache.open();
  const seen = cache.get('a', 'one');
  assert.ok(seen !== undefined);
  await local.update(of, { ...seen, metadata: { ...seen.metadata, finalizers: ['example.com/g'] } }, undefined);
  const after = await kept();
  assert.deepEqual([after.apiVersion, after.spec, after.metadata['finalizers'], after.metadata['labels'], after.metadata['generation']], ['example.com/v1', { level: 1 }, ['example.com/g'], { a: 'b' }, 1]);
  await assert.rejects(local.update(of, seen, undefined), /has been modified/);
  await local.delete(of, seen, {});
  const dying = await kept();
  assert.deepEqual([dying.apiVersion, dying.spec, typeof dying.metadata['deletionTimestamp']], ['example.com/v1', { level: 1 }, 'string']);
  await local.update(of, asObject({ ...dying, metadata: { ...dying.metadata, finalizers: [] } }), undefined);
  assert.equal(await store.get(key), undefined, 'it goes with its last finalizer');
  cache.close();
});
