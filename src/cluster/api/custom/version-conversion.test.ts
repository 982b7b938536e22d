import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { Simulation } from '../_simulation.ts';
import { mutatingWebhooks } from '../admission/webhooks/mutating-webhooks.ts';
import type { WebhookCaller, WebhookTarget } from '../admission/webhooks/webhook-port.ts';
import { watchEvents } from '../watch-events.ts';
import { ServedKinds } from './served-kinds.ts';
import { WebhookConverter } from './webhook-converter.ts';

/** Lamps have a `level` in v1, and a `brightness` in percent in v2; v2 is also told which version it was. */
const schema = (field: string, more: JsonObject = {}): JsonObject => ({ openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { [field]: { type: 'integer', ...more }, colour: { type: 'string', default: field } } } } } });
const HOOK: JsonObject = { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://convert.example.com/lamps' }, conversionReviewVersions: ['v7', 'v1', 'v1beta1'] } };

function definition(storage: string, conversion: JsonObject = HOOK): KubeObject {
  const names = { plural: 'lamps', singular: 'lamp', kind: 'Lamp', listKind: 'LampList' };
  const versions = [['v2', 'brightness'], ['v1', 'level']].map(([name = '', field = '']) => ({ name, served: true, storage: name === storage, schema: schema(field) }));
  return asObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'lamps.example.com', uid: 'u' }, spec: { group: 'example.com', scope: 'Namespaced', names, versions, conversion }, status: { acceptedNames: names, conditions: [{ type: 'Established', status: 'True' }] } });
}

interface Question { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly JsonObject[] }
type Answering = (request: Question) => JsonObject | Uint8Array;

const success = (objects: readonly Json[], more: JsonObject = {}): JsonObject => ({ result: { status: 'Success' }, convertedObjects: objects, ...more });

function turned(desired: string, object: JsonObject): JsonObject {
  const { level, brightness, ...spec } = object['spec'] as { readonly level?: number; readonly brightness?: number };
  const value = desired.endsWith('/v2') ? { brightness: (level ?? 0) * 10 } : { level: (brightness ?? 0) / 10 };
  return { ...object, apiVersion: desired, spec: { ...spec, ...value, unknownToAll: true } as JsonObject };
}

class Converter implements WebhookCaller {
  readonly asked: Question[] = [];
  readonly targets: WebhookTarget[] = [];
  timeoutMs = 0;
  answering: Answering = ({ desiredAPIVersion, objects }) => success(objects.map((object) => turned(desiredAPIVersion, object)));

  async call(target: WebhookTarget, body: string, timeoutMs: number): Promise<Uint8Array> {
    const { request, apiVersion } = JSON.parse(body) as { readonly request: Question; readonly apiVersion: string };
    this.asked.push(request);
    this.targets.push(target);
    this.timeoutMs = timeoutMs;
    const answer = this.answering(request);
    return answer instanceof Uint8Array ? answer : new TextEncoder().encode(JSON.stringify({ kind: 'ConversionReview', apiVersion, response: { uid: request.uid, ...answer } }));
  }
}

function world(given = definition('v1')): { readonly cluster: Simulation; readonly converter: Converter; serve(next: KubeObject): void; kept(name: string): Promise<JsonObject> } {
  const converter = new Converter();
  const cluster = new Simulation(undefined, undefined, undefined, new WebhookConverter({ view: { list: () => [], get: () => undefined }, caller: converter, random: new SeededRandom(1) }));
  const kinds = new ServedKinds(cluster.registry);
  const serve = (next: KubeObject): void => {
    const change = kinds.changeOf('lamps.example.com', next);
    if (change !== undefined) kinds.apply('lamps.example.com', change);
  };
  serve(given);
  return { cluster, converter, serve, kept: async (name) => JSON.parse((await cluster.store.get(`registry/example.com/lamps/a/${name}`))?.value ?? '{}') as JsonObject };
}

const path = (version: string, name = ''): string => `/apis/example.com/${version}/namespaces/a/lamps${name === '' ? '' : `/${name}`}`;
const lamp = (version: string, name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: `example.com/${version}`, kind: 'Lamp', metadata: { name, ...metadata }, spec });
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
const specOf = (body: JsonObject): unknown => plain(body['spec']);

test('a webhook makes one version of another wherever an object is read or written, and what the schema lacks goes', async () => {
  const { cluster, converter, kept } = world();
  const made = await cluster.ask('POST', path('v2'), lamp('v2', 'one', { brightness: 50 }));
  assert.deepEqual([made.code, made.body['apiVersion'], specOf(made.body)], [201, 'example.com/v2', { brightness: 50, colour: 'brightness' }]);
  const stored = await kept('one');
  assert.deepEqual([stored['apiVersion'], stored['spec']], ['example.com/v1', { level: 5, colour: 'brightness' }], 'in the version that is stored');
  assert.deepEqual([converter.timeoutMs, converter.targets[0]?.url], [30_000, 'https://convert.example.com/lamps']);
  assert.deepEqual(specOf((await cluster.ask('GET', path('v1', 'one'))).body), { level: 5, colour: 'brightness' });
  const patched = await cluster.ask('PATCH', path('v2', 'one'), { spec: { brightness: 70 } }, { type: 'application/merge-patch+json' });
  assert.deepEqual([patched.code, specOf(patched.body), (await kept('one'))['spec']], [200, { brightness: 70, colour: 'brightness' }, { level: 7, colour: 'brightness' }]);
  const applied = await cluster.ask('PATCH', `${path('v2', 'one')}?fieldManager=m&force=true`, lamp('v2', 'one', { brightness: 20 }), { type: 'application/apply-patch+yaml' });
  assert.deepEqual([applied.code, specOf(applied.body)], [200, { brightness: 20, colour: 'brightness' }]);
  assert.deepEqual(specOf((await cluster.ask('GET', path('v1', 'one'))).body), { level: 2, colour: 'brightness' });
  const before = converter.asked.length;
  await cluster.ask('GET', path('v1', 'one'));
  assert.equal(converter.asked.length, before, 'nobody is asked for what is there');
  assert.equal((await cluster.ask('DELETE', path('v2', 'one'))).code, 200);
});

test('a list is one question for many, of those alone that are in another version', async () => {
  const { cluster, converter, serve } = world();
  for (let index = 0; index < 700; index += 1) await cluster.ask('POST', path('v1'), lamp('v1', `lamp-${index}`, { level: 1 }));
  serve(definition('v2'));
  for (let index = 0; index < 5; index += 1) await cluster.ask('POST', path('v2'), lamp('v2', `new-${index}`, { brightness: 10 }));
  assert.equal(converter.asked.length, 0);
  const { body } = await cluster.ask('GET', `${path('v2')}?limit=1000`);
  assert.equal(new Set((body['items'] as readonly JsonObject[]).map((item) => JSON.stringify(item['spec']))).size, 2, 'defaults are those of the version that was stored');
  assert.deepEqual(converter.asked.map(({ objects }) => objects.length), [500, 200]);
  const streamed = await cluster.send('GET', path('v2'));
  assert.equal(streamed.kind, 'stream');
  let text = '';
  if (streamed.kind === 'stream') for await (const chunk of streamed.chunks) text += new TextDecoder().decode(chunk);
  const { items } = JSON.parse(text) as { readonly items: readonly JsonObject[] };
  assert.deepEqual([items.length, items.every(({ apiVersion }) => apiVersion === 'example.com/v2'), converter.asked.length], [705, true, 2], 'as text too, and what is known is not asked again');
});

test('who watches is shown the version that was asked for, and all who do are asked for once', async () => {
  const { cluster, converter } = world();
  const of = cluster.registry.find('example.com', 'v2', 'lamps')!;
  const watch = (): AsyncGenerator<{ readonly type: string; readonly object: JsonObject }> => watchEvents(cluster.objects, cluster.clock, { of, namespace: 'a', matches: () => true, resourceVersion: '', sendInitialEvents: false, bookmarks: false, timeoutSeconds: 60 });
  await cluster.ask('POST', path('v1'), lamp('v1', 'one', { level: 3 }));
  const watches = [watch(), watch()];
  for (const each of watches) assert.deepEqual(specOf((await each.next()).value.object), { brightness: 30, colour: 'level' });
  const next = watches.map(async (each) => (await each.next()).value as { readonly type: string; readonly object: JsonObject });
  const before = converter.asked.length;
  await cluster.ask('PUT', path('v1', 'one'), lamp('v1', 'one', { level: 4 }));
  for (const event of await Promise.all(next)) assert.deepEqual([event.type, specOf(event.object)], ['MODIFIED', { brightness: 40, colour: 'level' }]);
  assert.equal(converter.asked.length, before + 1);
  converter.answering = () => ({ result: { status: 'Failure', message: 'out of bulbs' } });
  const last = watches[0]!.next();
  await cluster.ask('PUT', path('v1', 'one'), lamp('v1', 'one', { level: 5 }));
  const { type, object } = (await last).value;
  assert.deepEqual([type, object['message']], ['ERROR', 'conversion webhook for example.com/v1, Kind=Lamp failed: out of bulbs']);
  await Promise.all(watches.map(async (each) => await each.return(undefined)));
});

test('labels and annotations are the webhook\'s to change, all other metadata is kept', async () => {
  const { cluster, converter } = world();
  await cluster.ask('POST', path('v1'), lamp('v1', 'one', { level: 1 }, { labels: { a: 'b' }, finalizers: ['example.com/f'] }));
  converter.answering = ({ desiredAPIVersion, objects }) => success(objects.map((object) => ({ ...turned(desiredAPIVersion, object), metadata: { ...object['metadata'] as JsonObject, labels: { c: 'd' }, annotations: { note: 'x' }, finalizers: [], generation: 99 } })));
  const { metadata } = (await cluster.ask('GET', path('v2', 'one'))).body as unknown as KubeObject;
  assert.deepEqual(plain([metadata.labels, metadata.annotations, metadata.finalizers, metadata.generation]), [{ c: 'd' }, { note: 'x' }, ['example.com/f'], 1]);
});

test('what is no answer is refused in upstream\'s words, and nothing is written', async () => {
  const { cluster, converter, serve, kept } = world();
  await cluster.ask('POST', path('v1'), lamp('v1', 'one', { level: 1 }));
  await cluster.ask('POST', path('v1'), lamp('v1', 'two', { level: 1 }));
  const told = async (answering: Answering, at = path('v2', 'one')): Promise<string> => {
    converter.answering = answering;
    const { code, body } = await cluster.ask('GET', at);
    assert.deepEqual([code, body['reason']], [500, '']);
    return String(body['message']).replace('conversion webhook for example.com/v1, Kind=Lamp ', '');
  };
  const changed = (change: (object: JsonObject) => Json): Answering => ({ desiredAPIVersion, objects }) => success(objects.map((object) => change(turned(desiredAPIVersion, object))));
  const metadata = (more: JsonObject): Answering => changed((object) => ({ ...object, metadata: { ...object['metadata'] as JsonObject, ...more } }));
  assert.equal(await told(() => ({ result: { status: 'Failed' } })), "failed: response.result.status was 'Failed', not 'Success'");
  assert.equal(await told(() => success([])), 'returned 0 objects, expected 1');
  assert.equal(await told(() => new TextEncoder().encode('{}')), 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got , Kind=');
  assert.match(await told(() => new TextEncoder().encode('[')), /^failed: its answer can't be read: /);
  assert.match(await told(() => new TextEncoder().encode('['.repeat(100_000))), /nests more than 1000 levels/);
  assert.match(await told(() => new TextEncoder().encode('{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","response":{"uid":"x"}}')), /^failed: expected response\.uid="[-0-9a-f]+", got "x"$/);
  assert.equal(await told(() => new TextEncoder().encode('{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1"}')), 'failed: no response provided');
  assert.equal(await told(({ objects }) => success(objects)), 'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)');
  assert.equal(await told(changed((object) => ({ ...object, kind: 'Bulb' }))), 'returned invalid object at index 0: invalid kind (expected Lamp, received Bulb)');
  assert.equal(await told(changed(() => 'text')), 'returned invalid object at index 0: it is no object');
  assert.equal(await told(metadata({ name: 'x' })), 'returned invalid object: must have the same name: one != x');
  assert.equal(await told(metadata({ namespace: 'b' })), 'returned invalid object: must have the same namespace: a != b');
  assert.match(await told(metadata({ uid: 'x' })), /^returned invalid object: must have the same UID: [-0-9a-f]+ != x$/);
  assert.equal(await told(metadata({ labels: { a: 1 } })), 'returned invalid metadata: metadata.labels[a] must be a string in converted object');
  assert.match(await told(metadata({ labels: { 'a b': 'c' } })), /^returned invalid metadata: metadata\.labels: /);
  assert.equal(await told(metadata({ annotations: [] })), 'returned invalid metadata: invalid metadata.annotations in converted object: it is no map');
  assert.equal(await told(changed((object) => ({ ...object, kind: 'Bulb' })), path('v2')), 'returned invalid converted object at index 0: invalid kind (expected Lamp, received Bulb)');
  const down: Answering = () => { throw new GantryError('unavailable', 'Post "https://convert.example.com/lamps?timeout=30s": connection refused'); };
  assert.equal(await told(down), 'failed: Post "https://convert.example.com/lamps?timeout=30s": connection refused');
  const refused = await cluster.ask('POST', path('v2'), lamp('v2', 'three', { brightness: 1 }));
  assert.deepEqual([refused.code, await kept('three')], [500, {}]);
  assert.equal((await cluster.ask('GET', path('v1', 'one'))).code, 200, 'what is stored as asked for is there all the same');
  serve(definition('v1', { strategy: 'Webhook', webhook: { clientConfig: { service: { namespace: 'a', name: 'nobody', port: 443 } }, conversionReviewVersions: ['v1'] } }));
  assert.equal(await told(down), 'failed: service "nobody" not found');
});

test('an answer in v1beta1 is held to what that says', async () => {
  const { cluster, converter } = world(definition('v1', { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://x/' }, conversionReviewVersions: ['v1beta1'] } }));
  await cluster.ask('POST', path('v1'), lamp('v1', 'one', { level: 1 }));
  const answering = converter.answering;
  converter.answering = (request) => ({ ...answering(request) as JsonObject, uid: 'another' });
  assert.equal((await cluster.ask('GET', path('v2', 'one'))).code, 200);
});

test('who writes an object as it is moves it to the version in which objects are stored now', async () => {
  for (const conversion of [HOOK, { strategy: 'None' }]) {
    const { cluster, serve, kept } = world(definition('v1', conversion));
    await cluster.ask('POST', path('v1'), lamp('v1', 'one', { level: 1 }));
    serve(definition('v2', conversion));
    assert.equal((await kept('one'))['apiVersion'], 'example.com/v1');
    const { body } = await cluster.ask('GET', path('v2', 'one'));
    assert.equal((await cluster.ask('PUT', path('v2', 'one'), body)).code, 200);
    assert.equal((await kept('one'))['apiVersion'], 'example.com/v2');
    const revision = await cluster.store.revision();
    const again = (await cluster.ask('GET', path('v2', 'one'))).body;
    await cluster.ask('PUT', path('v2', 'one'), again);
    assert.equal(await cluster.store.revision(), revision, 'once');
  }
});

test('an admission webhook is asked in the version that it wants, and what it changes comes back in that of the write', async () => {
  const converter = new Converter();
  const seen: JsonObject[] = [];
  const asking: WebhookCaller = {
    async call(_target, body) {
      const { request } = JSON.parse(body) as { readonly request: { readonly uid: string; readonly object: JsonObject } };
      seen.push(request.object);
      const patch = new TextEncoder().encode(JSON.stringify([{ op: 'replace', path: '/spec/level', value: 9 }])).toBase64();
      return new TextEncoder().encode(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch } }));
    },
  };
  const versions = new WebhookConverter({ view: { list: () => [], get: () => undefined }, caller: converter, random: new SeededRandom(1) });
  const cluster = new Simulation(({ view, registry, schemas }) => ({
    mutators: [mutatingWebhooks({ view, registry, schemas, caller: asking, converter: versions, authorizer: () => ({ allowed: false, reason: '' }), random: new SeededRandom(2), log: () => {} })], reads: ['admissionregistration.k8s.io/mutatingwebhookconfigurations', 'namespaces'],
  }), undefined, undefined, versions);
  const change = new ServedKinds(cluster.registry).changeOf('lamps.example.com', definition('v2'))!;
  new ServedKinds(cluster.registry).apply('lamps.example.com', change);
  await cluster.ask('POST', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', { metadata: { name: 'h' }, webhooks: [{
    name: 'h.example.com', clientConfig: { url: 'https://h/' }, rules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['lamps'] }], sideEffects: 'None', admissionReviewVersions: ['v1'],
  }] });
  const { code, body } = await cluster.ask('POST', path('v2'), lamp('v2', 'one', { brightness: 30 }));
  assert.deepEqual([code, seen.map(specOf), specOf(body)], [201, [{ level: 3, colour: 'brightness' }], { brightness: 90, colour: 'brightness' }]);
});
