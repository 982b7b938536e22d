import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { encodeMessage } from '#cluster/kinds/proto-encode.ts';
import { sealEnvelope } from '#cluster/kinds/proto-envelope.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from './_simulation.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const meta = (body: JsonObject): JsonObject => body['metadata'] as JsonObject;
const named = (name: string, more: JsonObject = {}): JsonObject => ({ metadata: { name, ...more } });
const pod = (name: string, spec: JsonObject = {}): JsonObject => ({ metadata: { name }, spec: { containers: [{ name: 'a', image: 'b' }], ...spec } });

test('what is created has all that only the server says, and is read back', async () => {
  const cluster = new Simulation();
  const made = await cluster.ask('POST', MAPS, { ...named('a', { uid: 'mine', creationTimestamp: null }), data: { x: 'y' } });
  assert.equal(made.code, 201);
  assert.match(String(meta(made.body)['uid']), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.deepEqual([made.body['apiVersion'], made.body['kind'], meta(made.body)['namespace'], meta(made.body)['resourceVersion']], ['v1', 'ConfigMap', 'default', '1']);
  assert.deepEqual(JSON.parse(JSON.stringify((await cluster.ask('GET', `${MAPS}/a`)).body)), JSON.parse(JSON.stringify(made.body)));
  const again = await cluster.ask('POST', MAPS, named('a'));
  assert.deepEqual([again.code, again.body['reason'], again.body['message']], [409, 'AlreadyExists', 'configmaps "a" already exists']);
});

test('a name is drawn where only its beginning is given, and refused where it is none', async () => {
  const cluster = new Simulation();
  assert.match(String(meta((await cluster.ask('POST', MAPS, { metadata: { generateName: 'web-' } })).body)['name']), /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  const refused = await cluster.ask('POST', MAPS, named('Not_A_Name'));
  assert.deepEqual([refused.code, refused.body['reason']], [422, 'Invalid']);
  assert.match(String(refused.body['message']), /^ConfigMap "Not_A_Name" is invalid: metadata\.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain/);
});

test('protobuf bodies are read like JSON', async () => {
  const cluster = new Simulation();
  const schemas = new SchemaSet(schemaPackages);
  const raw = encodeMessage(schemas, 'core.v1.ConfigMap', { metadata: { name: 'p' }, data: { k: 'v' } });
  const made = await cluster.ask('POST', MAPS, sealEnvelope(schemas, { apiVersion: 'v1', kind: 'ConfigMap', raw }), { type: 'application/vnd.kubernetes.protobuf' });
  assert.deepEqual([made.code, { ...made.body['data'] as object }], [201, { k: 'v' }]);
});

test('fields that a kind does not have are warned of, refused or passed over, as asked', async () => {
  const cluster = new Simulation();
  const body = { ...pod('a'), specc: {} };
  const warned = await cluster.send('POST', `${PODS}?fieldValidation=Warn`, body);
  assert.deepEqual(warned.kind === 'json' && warned.warnings, ['unknown field "specc"']);
  const refused = await cluster.ask('POST', `${PODS}?fieldValidation=Strict`, { ...body, metadata: { name: 'b' } });
  assert.deepEqual([refused.code, refused.body['message']], [400, 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "specc"']);
});

test('fields that stand twice are told in the words and the order of upstream', async () => {
  const cluster = new Simulation();
  const text = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"unknown1":1,"unknownDupe":1,"unknownDupe":2,"paused":true,"paused":false,"template":{"spec":{"containers":[{"name":"c","image":"x","unknownNested":1,"imagePullPolicy":"Always","imagePullPolicy":"Never"}]}}}}';
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const faults = ['unknown field "spec.unknown1"', 'unknown field "spec.unknownDupe"', 'duplicate field "spec.paused"', 'unknown field "spec.template.spec.containers[0].unknownNested"', 'duplicate field "spec.template.spec.containers[0].imagePullPolicy"'];
  const refused = await cluster.ask('POST', `${path}?fieldValidation=Strict`, text);
  assert.deepEqual([refused.code, refused.body['message']], [400, `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${faults.join(', ')}`]);
  const warned = await cluster.send('POST', path, text);
  assert.deepEqual(warned.kind === 'json' && [warned.code, warned.warnings], [201, faults]);
  const { body } = await cluster.ask('GET', `${path}/d`);
  assert.deepEqual(JSON.parse(JSON.stringify(body['spec'])), { paused: false, template: { spec: { containers: [{ name: 'c', image: 'x', imagePullPolicy: 'Never' }] } } }, 'what is not known is not kept');
  const ignored = await cluster.send('PATCH', `${path}/d?fieldValidation=Ignore`, '{"spec":{"paused":true,"paused":false}}', { type: 'application/merge-patch+json' });
  assert.deepEqual(ignored.kind === 'json' && [ignored.code, ignored.warnings], [200, undefined]);
  const patch = await cluster.ask('PATCH', `${path}/d?fieldValidation=Strict`, '{"spec":{"foo":1,"paused":true,"paused":false}}', { type: 'application/merge-patch+json' });
  assert.match(String(patch.body['message']), /strict decoding error: duplicate field "spec\.paused", unknown field "spec\.foo"/);
});

test('fields that stand twice in YAML are told by their lines', async () => {
  const cluster = new Simulation();
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  a: "1"\n  a: "2"\nextra: 1\n';
  const refused = await cluster.ask('POST', `${MAPS}?fieldValidation=Strict`, yaml, { type: 'application/yaml' });
  assert.deepEqual([refused.code, refused.body['message']], [400, 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 7: key "a" already set in map, unknown field "extra"']);
  const warned = await cluster.send('POST', MAPS, yaml, { type: 'application/yaml' });
  assert.deepEqual(warned.kind === 'json' && [warned.code, warned.warnings, { ...warned.body['data'] as object }], [201, ['line 7: key "a" already set in map', 'unknown field "extra"'], { a: '2' }]);
  const applied = await cluster.ask('PATCH', `${MAPS}/z?fieldManager=m&fieldValidation=Strict`, yaml.replace('name: y', 'name: z').replace('extra: 1\n', ''), { type: 'application/apply-patch+yaml' });
  assert.deepEqual([applied.code, applied.body['message']], [400, 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map']);
});

test('an update counts a generation where more than metadata changed, and needs the version that it was made from', async () => {
  const cluster = new Simulation();
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const { body } = await cluster.ask('POST', path, { ...named('web'), spec: { replicas: 1 } });
  const labelled = (await cluster.ask('PUT', `${path}/web`, { ...body, metadata: { ...meta(body), labels: { a: 'b' } } })).body;
  assert.equal(meta(labelled)['generation'], 1);
  assert.equal(meta((await cluster.ask('PUT', `${path}/web`, { ...labelled, spec: { replicas: 2 } })).body)['generation'], 2);
  const late = await cluster.ask('PUT', `${path}/web`, { ...labelled, spec: { replicas: 3 } });
  assert.deepEqual([late.code, late.body['message']], [409, 'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again']);
});

test('the status is written by its own path, and by no other', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', PODS, pod('a'));
  await cluster.ask('PATCH', `${PODS}/a/status`, { status: { phase: 'Running' }, metadata: { labels: { no: 'label' } } }, { type: 'application/merge-patch+json' });
  await cluster.ask('PATCH', `${PODS}/a`, { status: { phase: 'Failed' }, metadata: { labels: { a: 'label' } } }, { type: 'application/merge-patch+json' });
  const { body } = await cluster.ask('GET', `${PODS}/a`);
  assert.deepEqual([{ ...body['status'] as object }, { ...meta(body)['labels'] as object }], [{ phase: 'Running' }, { a: 'label' }]);
});

test('a kind with a status has one from the beginning, and what a query does not say to be false is true', async () => {
  const cluster = new Simulation();
  assert.deepEqual({ ...(await cluster.ask('POST', '/apis/apps/v1/namespaces/default/deployments', { ...named('web'), spec: {} })).body['status'] as object }, {});
  assert.equal((await cluster.ask('POST', MAPS, named('a'))).body['status'], undefined);
  for (const [value, kind] of [['=true', 'watch'], ['=True', 'watch'], ['=1', 'watch'], ['=', 'watch'], ['', 'watch'], ['=False', 'json'], ['=0', 'json']] as const) {
    const answer = await cluster.send('GET', `${MAPS}?watch${value}`);
    assert.equal(answer.kind, kind, value);
    if (answer.kind === 'watch') await answer.events.return(undefined);
  }
});

test('S-911: nobody makes a pod that claims to run at an address', async () => {
  const cluster = new Simulation();
  const { body } = await cluster.ask('POST', PODS, { ...pod('a'), status: { phase: 'Running', podIP: '10.0.0.1' } });
  assert.deepEqual({ ...body['status'] as object }, {});
});

test('a patch goes on top of whatever there is, however many come at once; one that names a version only on that', async () => {
  const cluster = new Simulation();
  const merge = { type: 'application/merge-patch+json' };
  const { body } = await cluster.ask('POST', MAPS, { ...named('a'), data: {} });
  const many = Array.from({ length: 8 }, (_, number) => String(number));
  const answers = await Promise.all(many.map((key) => cluster.ask('PATCH', `${MAPS}/a`, { data: { [`k${key}`]: key } }, merge)));
  assert.deepEqual(answers.map(({ code }) => code), many.map(() => 200));
  assert.deepEqual(Object.values((await cluster.ask('GET', `${MAPS}/a`)).body['data'] as object).sort(), many);
  const applied = await Promise.all(many.map((key) => cluster.ask('PATCH', `${MAPS}/a?fieldManager=m${key}`, { metadata: { labels: { [`l${key}`]: key } } }, { type: 'application/apply-patch+yaml' })));
  assert.deepEqual(applied.map(({ code }) => code), many.map(() => 200));
  const old = await cluster.ask('PATCH', `${MAPS}/a`, { metadata: { resourceVersion: meta(body)['resourceVersion'] ?? '' }, data: { late: 'yes' } }, merge);
  assert.deepEqual([old.code, old.body['reason']], [409, 'Conflict']);
});

test('a page is full of what the selector lets through, and many who delete the same are all told that it is done', async () => {
  const cluster = new Simulation();
  for (const [index, kind] of ['x', 'y', 'x', 'x', 'y', 'x', 'x'].entries()) await cluster.ask('POST', MAPS, named(`m${index}`, { labels: { kind } }));
  const pages: string[][] = [];
  for (let token = ''; pages.length < 9;) {
    const { body } = await cluster.ask('GET', `${MAPS}?labelSelector=kind%3Dx&limit=2${token === '' ? '' : `&continue=${token}`}`);
    pages.push((body['items'] as JsonObject[]).map((item) => String(meta(item)['name'])));
    token = String(meta(body)['continue'] ?? '');
    if (token === '') break;
  }
  assert.deepEqual(pages, [['m0', 'm2'], ['m3', 'm5'], ['m6']]);
  const everywhere = await cluster.ask('GET', '/api/v1/configmaps?labelSelector=kind%3Dy&limit=1');
  const rest = await cluster.ask('GET', `/api/v1/configmaps?labelSelector=kind%3Dy&limit=1&continue=${meta(everywhere.body)['continue']}`);
  assert.deepEqual([...everywhere.body['items'] as JsonObject[], ...rest.body['items'] as JsonObject[]].map((item) => meta(item)['name']), ['m1', 'm4']);
  const deletions = await Promise.all([1, 2, 3].map(() => cluster.ask('DELETE', MAPS)));
  assert.deepEqual(deletions.map(({ code }) => code), [200, 200, 200]);
  assert.deepEqual((await cluster.ask('GET', MAPS)).body['items'], []);
});

test('a change that changes nothing is no new version', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, { ...named('a'), data: { x: 'y' } });
  const patched = await cluster.ask('PATCH', `${MAPS}/a`, { data: { x: 'y' } }, { type: 'application/merge-patch+json' });
  assert.equal(meta(patched.body)['resourceVersion'], '1');
});

test('a dry run changes nothing', async () => {
  const cluster = new Simulation();
  assert.equal((await cluster.ask('POST', `${MAPS}?dryRun=All`, named('a'))).code, 201);
  assert.equal((await cluster.ask('GET', `${MAPS}/a`)).code, 404);
  assert.equal((await cluster.ask('POST', `${MAPS}?dryRun=Some`, named('a'))).code, 400);
});

test('a pod that a node has gets its grace, one that none has goes at once', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', PODS, pod('placed', { nodeName: 'n', terminationGracePeriodSeconds: 7 }));
  await cluster.ask('POST', PODS, pod('waiting'));
  const marked = await cluster.ask('DELETE', `${PODS}/placed`);
  assert.equal(meta(marked.body)['deletionGracePeriodSeconds'], 7);
  assert.ok(meta(marked.body)['deletionTimestamp']);
  await cluster.ask('DELETE', `${PODS}/waiting`);
  assert.equal((await cluster.ask('GET', `${PODS}/waiting`)).code, 404);
  assert.equal((await cluster.ask('GET', `${PODS}/placed`)).code, 200);
  await cluster.ask('DELETE', `${PODS}/placed?gracePeriodSeconds=0`);
  assert.equal((await cluster.ask('GET', `${PODS}/placed`)).code, 404);
});

test('an object with finalizers stays until the last is gone', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, named('a', { finalizers: ['example.com/wait'] }));
  assert.ok(meta((await cluster.ask('DELETE', `${MAPS}/a`)).body)['deletionTimestamp']);
  await cluster.ask('PATCH', `${MAPS}/a`, { metadata: { finalizers: null } }, { type: 'application/merge-patch+json' });
  assert.equal((await cluster.ask('GET', `${MAPS}/a`)).code, 404);
});

test('a delete with another uid in mind is refused', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, named('a'));
  assert.equal((await cluster.ask('DELETE', `${MAPS}/a`, { preconditions: { uid: 'other' } })).code, 409);
});

test('lists come in pages of one state', async () => {
  const cluster = new Simulation();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await cluster.ask('POST', MAPS, named(name));
  const first = (await cluster.ask('GET', `${MAPS}?limit=2`)).body;
  await cluster.ask('DELETE', `${MAPS}/c`);
  const second = (await cluster.ask('GET', `${MAPS}?limit=2&continue=${meta(first)['continue']}`)).body;
  const names = (body: JsonObject): unknown[] => (body['items'] as JsonObject[]).map((item) => meta(item)['name']);
  assert.deepEqual([names(first), names(second), meta(second)['resourceVersion']], [['a', 'b'], ['c', 'd'], meta(first)['resourceVersion']]);
  const left = async (query: string): Promise<unknown> => meta((await cluster.ask('GET', `${MAPS}?limit=2${query}`)).body)['remainingItemCount'];
  assert.deepEqual([meta(first)['remainingItemCount'], meta(second)['remainingItemCount'], await left(''), await left('&labelSelector=!x'), await left('&limit=9')], [3, 1, 2, undefined, 2]);
  assert.equal((await cluster.ask('GET', `${MAPS}?continue=nonsense`)).code, 410);
});

test('lists take label and field selectors, and refuse those that are none', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', PODS, { ...pod('a', { nodeName: 'n1' }), metadata: { name: 'a', labels: { app: 'x' } } });
  await cluster.ask('POST', PODS, { ...pod('b', { nodeName: 'n2' }), metadata: { name: 'b', labels: { app: 'y' } } });
  const names = async (query: string): Promise<unknown[]> => ((await cluster.ask('GET', `${PODS}?${query}`)).body['items'] as JsonObject[]).map((item) => meta(item)['name']);
  assert.deepEqual(await names('labelSelector=app%20in%20(x,z)'), ['a']);
  assert.deepEqual(await names('labelSelector=app!%3Dx'), ['b']);
  assert.deepEqual(await names('fieldSelector=spec.nodeName%3Dn2'), ['b']);
  const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';
  const address = async (name: string): Promise<number> => (await cluster.ask('POST', ADDRESSES, { metadata: { name }, spec: { parentRef: { resource: 'services', name: 's' } } })).code;
  for (const name of ['10.0.0.1', 'fe80::1']) assert.equal(await address(name), 201, name);
  for (const name of ['fe80::0:1', '10.0.0', 'x', 'fe80::g', '01.2.3.4']) assert.equal(await address(name), 422, name);
  assert.equal((await cluster.ask('GET', `${PODS}?fieldSelector=spec.nothing%3D1`)).code, 400);
  assert.equal((await cluster.ask('GET', `${PODS}?labelSelector=%3D%3D`)).code, 400);
});

test('a collection is deleted by its selector', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, named('a', { labels: { go: 'yes' } }));
  await cluster.ask('POST', MAPS, named('b'));
  await cluster.ask('DELETE', `${MAPS}?labelSelector=go%3Dyes`);
  assert.deepEqual([(await cluster.ask('GET', `${MAPS}/a`)).code, (await cluster.ask('GET', `${MAPS}/b`)).code], [404, 200]);
});

test('tables and metadata come where they are asked for', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, named('a'));
  const table = (await cluster.ask('GET', MAPS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' })).body;
  assert.deepEqual([table['kind'], ((table['rows'] as JsonObject[])[0]?.['cells'] as string[])[0]], ['Table', 'a']);
  assert.equal((await cluster.ask('GET', `${MAPS}/a`, undefined, { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' })).body['kind'], 'PartialObjectMetadata');
  assert.equal((await cluster.ask('GET', MAPS, undefined, { accept: 'image/png' })).code, 406);
  assert.equal((await cluster.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {}, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })).code, 406);
});

test('discovery names every kind in both of its forms', async () => {
  const cluster = new Simulation();
  const aggregated = (await cluster.ask('GET', '/apis', undefined, { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' })).body;
  const groups = aggregated['items'] as JsonObject[];
  const legacy = (await cluster.ask('GET', '/apis')).body['groups'] as JsonObject[];
  assert.deepEqual(groups.map((each) => meta(each)['name']), legacy.map((each) => each['name']));
  const core = (await cluster.ask('GET', '/api/v1')).body['resources'] as JsonObject[];
  assert.ok(core.some((each) => each['name'] === 'pods/exec' && each['kind'] === 'PodExecOptions'));
});

test('the OpenAPI documents have no reference that leads nowhere', async () => {
  const cluster = new Simulation();
  const { paths } = (await cluster.ask('GET', '/openapi/v3')).body as { paths: Record<string, { serverRelativeURL: string }> };
  assert.ok(Object.keys(paths).length >= 19);
  for (const { serverRelativeURL } of Object.values(paths)) {
    const { body } = await cluster.ask('GET', serverRelativeURL);
    const known = Object.keys((body['components'] as JsonObject)['schemas'] as JsonObject);
    const referred = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(referred)].filter((name) => !known.includes(name)), [], serverRelativeURL);
  }
});

for (const [what, method, path, body, type, code] of [
  ['no JSON', 'POST', MAPS, new TextEncoder().encode('{'), 'application/json', 400],
  ['an empty body', 'POST', MAPS, new Uint8Array(), 'application/json', 400],
  ['a list', 'POST', MAPS, [], 'application/json', 400],
  ['metadata that is no object', 'POST', MAPS, { metadata: 'x' }, 'application/json', 400],
  ['another kind', 'POST', MAPS, { kind: 'Secret', metadata: { name: 'a' } }, 'application/json', 400],
  ['another namespace', 'POST', MAPS, { metadata: { name: 'a', namespace: 'other' } }, 'application/json', 400],
  ['a body without end', 'POST', MAPS, new TextEncoder().encode('['.repeat(100_000)), 'application/json', 400],
  ['an encoding nobody speaks', 'POST', MAPS, {}, 'application/cbor', 415],
  ['a YAML bomb', 'POST', MAPS, new TextEncoder().encode(['a: &a [x,x,x,x,x,x,x,x,x]', ...Array.from({ length: 9 }, (_, at) => `${'bcdefghij'[at]}: &${'bcdefghij'[at]} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[at]}`).join(',')}]`)].join('\n')), 'application/yaml', 400],
  ['a patch of nothing known', 'PATCH', `${MAPS}/a`, {}, 'application/json', 415],
  ['too many operations', 'PATCH', `${MAPS}/a`, Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })), 'application/json-patch+json', 413],
  ['a kind that is not there', 'GET', '/apis/apps/v1/namespaces/default/toys', undefined, '', 404],
  ['a path that is not there', 'GET', '/nothing', undefined, '', 404],
  ['a verb that is not there', 'POST', `${MAPS}/a`, {}, 'application/json', 405],
  ['a malformed escape', 'GET', `${MAPS}/%zz`, undefined, '', 400],
] as const) {
  test(`refused: ${what}`, async () => {
    const cluster = new Simulation();
    await cluster.ask('POST', MAPS, named('a'));
    const answer = await cluster.ask(method, path, body as never, type === '' ? {} : { type });
    assert.deepEqual([answer.code, answer.body['kind'], answer.body['status']], [code, 'Status', 'Failure'], String(answer.body['message']));
  });
}

test('keys that mean something to a JavaScript object are keys like others', async () => {
  const cluster = new Simulation();
  await cluster.ask('POST', MAPS, new TextEncoder().encode('{"metadata":{"name":"a","labels":{"constructor":"x"}},"data":{"__proto__":"y","toString":"z"}}'));
  const { body } = await cluster.ask('GET', `${MAPS}/a`);
  assert.equal(JSON.stringify(body['data']), '{"__proto__":"y","toString":"z"}');
  assert.equal(({} as Record<string, unknown>)['y'], undefined);
});

test('finalizers of a namespace are written by a path of their own', async () => {
  const cluster = new Simulation(() => ({}), rulesOf);
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
  const { code, body } = await cluster.ask('PUT', '/api/v1/namespaces/n/finalize', { metadata: { name: 'n', labels: { no: 'label' } }, spec: { finalizers: ['kubernetes', 'example.com/mine'] } });
  assert.deepEqual([code, { ...body['spec'] as JsonObject }['finalizers'], (meta(body)['labels'] as JsonObject)['no']], [200, ['kubernetes', 'example.com/mine'], undefined]);
  await cluster.ask('DELETE', '/api/v1/namespaces/n');
  await cluster.ask('PUT', '/api/v1/namespaces/n/finalize', { metadata: { name: 'n' }, spec: { finalizers: [] } });
  assert.equal((await cluster.ask('GET', '/api/v1/namespaces/n')).code, 404);
});

test('what a client leaves out that has a default is no change of what there is', async () => {
  const cluster = new Simulation(() => ({}), rulesOf);
  const bare = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  await cluster.ask('POST', PODS, bare);
  const { code, body } = await cluster.ask('PUT', `${PODS}/p`, bare);
  assert.deepEqual([code, meta(body)['generation']], [200, 1]);
});

test('who writes a status annotates and labels, where upstream lets him', async () => {
  const cluster = new Simulation();
  const apps = '/apis/apps/v1/namespaces/default';
  const noted = async (path: string, body: JsonObject): Promise<unknown> => {
    await cluster.ask('POST', path, { metadata: { name: 'x', labels: { a: '1' }, annotations: { kept: 'yes' } }, ...body });
    const { body: patched } = await cluster.ask('PATCH', `${path}/x/status`, { metadata: { labels: { b: '2' }, annotations: { told: 'yes' } }, status: {} }, { type: 'application/merge-patch+json' });
    const { labels, annotations } = patched['metadata'] as JsonObject;
    return JSON.parse(JSON.stringify([labels, annotations]));
  };
  assert.deepEqual(await noted(`${apps}/statefulsets`, { spec: {} }), [{ a: '1', b: '2' }, { kept: 'yes', told: 'yes' }]);
  assert.deepEqual(await noted(`${apps}/deployments`, { spec: {} }), [{ a: '1' }, { kept: 'yes', told: 'yes' }]);
  assert.deepEqual(await noted('/apis/storage.k8s.io/v1/volumeattachments', { spec: {} }), [{ a: '1' }, { kept: 'yes' }]);
});

test('the scale of a workload is read and written in one shape', async () => {
  const cluster = new Simulation();
  const path = '/apis/apps/v1/namespaces/default/deployments';
  await cluster.ask('POST', path, { ...named('web'), spec: { replicas: 1, selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'x', operator: 'In', values: ['a', 'b'] }] } } });
  const { body } = await cluster.ask('GET', `${path}/web/scale`);
  assert.deepEqual([body['kind'], body['spec'], body['status']], ['Scale', { replicas: 1 }, { replicas: 0, selector: 'app=web,x in (a,b)' }]);
  await cluster.ask('PATCH', `${path}/web/scale`, { spec: { replicas: 3 } }, { type: 'application/merge-patch+json' });
  await cluster.ask('PUT', `${path}/web/scale`, { spec: { replicas: 4 }, metadata: { name: 'web' } });
  assert.equal(((await cluster.ask('GET', `${path}/web`)).body['spec'] as JsonObject)['replicas'], 4);
  assert.equal((await cluster.ask('PATCH', `${path}/web/scale`, { spec: { replicas: -1 } }, { type: 'application/merge-patch+json' })).code, 400);
  assert.equal((await cluster.ask('GET', `${MAPS}/a/scale`)).code, 404);
});
