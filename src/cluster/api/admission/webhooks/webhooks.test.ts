import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from '../../_simulation.ts';
import { connection } from '../connection.ts';
import { noConverter } from '../../version-converter.ts';
import { parseResourcePath, type ResourceRequest } from '../../request-info.ts';
import { priorityAdmission } from '../priority.ts';
import { serviceAccountAdmission } from '../service-account.ts';
import { mutatingWebhooks } from './mutating-webhooks.ts';
import { validatingWebhooks } from './validating-webhooks.ts';
import type { WebhookCaller, WebhookTarget } from './webhook-port.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/a/configmaps';
const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map((name) => `admissionregistration.k8s.io/${name}`);
const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps', 'pods'] }];

interface Asked {
  readonly target: WebhookTarget;
  readonly request: JsonObject;
}
type Answering = (request: JsonObject, target: WebhookTarget) => JsonObject | Uint8Array | Promise<JsonObject>;

/** Webhooks that answer as they are told to, each under its path. */
class Callers implements WebhookCaller {
  readonly asked: Asked[] = [];
  readonly answers = new Map<string, Answering>();

  async call(target: WebhookTarget, body: string): Promise<Uint8Array> {
    const { request } = JSON.parse(body) as { readonly request: JsonObject };
    this.asked.push({ target, request });
    const answer = await (this.answers.get(target.path) ?? (() => ({ allowed: true })))(request, target);
    return answer instanceof Uint8Array ? answer : encode({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: request['uid'], ...answer } });
  }

  get paths(): readonly string[] {
    return this.asked.map(({ target }) => target.path);
  }
}

const encode = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const patch = (...operations: readonly JsonObject[]): JsonObject => ({ allowed: true, patchType: 'JSONPatch', patch: encode(operations as Json).toBase64() });
const label = (name: string): JsonObject => patch({ op: 'add', path: '/metadata/labels', value: { [name]: 'yes' } });

async function world(): Promise<{ readonly cluster: Simulation; readonly callers: Callers; readonly log: string[]; hook(kind: 'Mutating' | 'Validating', path: string, more?: JsonObject): Promise<void> }> {
  const callers = new Callers();
  const log: string[] = [];
  const cluster: Simulation = new Simulation(({ view, registry, schemas, clock }) => {
    const parts = { view, registry, schemas, caller: callers, converter: noConverter, authorizer: () => ({ allowed: false, reason: '' }), random: new SeededRandom(1), log: (line: string) => void log.push(line) };
    return {
      plugins: [serviceAccountAdmission({ view, timers: clock, random: parts.random }), priorityAdmission(view), validatingWebhooks(parts)], mutators: [mutatingWebhooks(parts)],
      reads: [...CONFIGURATIONS, 'namespaces', 'services', 'serviceaccounts', 'discovery.k8s.io/endpointslices', 'scheduling.k8s.io/priorityclasses'],
    };
  }, rulesOf);
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'a', labels: { team: 'x' } } });
  await cluster.ask('POST', '/api/v1/namespaces/a/serviceaccounts', { metadata: { name: 'default' } });
  return {
    cluster, callers, log,
    async hook(kind, path, more = {}) {
      const made = await cluster.ask('POST', `${GROUP}/${kind.toLowerCase()}webhookconfigurations`, {
        metadata: { name: path.slice(1) }, webhooks: [{ name: `${path.slice(1)}.example.com`, clientConfig: { url: `https://hooks.example.com${path}` }, rules: RULES, sideEffects: 'None', admissionReviewVersions: ['v1'], ...more }],
      });
      assert.equal(made.code, 201, String(made.body['message']));
    },
  };
}

const create = async (cluster: Simulation, body: JsonObject, path = MAPS): Promise<{ readonly code: number; readonly body: JsonObject; readonly message: string }> => await cluster.ask('POST', path, body).then((answer) => ({ ...answer, message: String(answer.body['message'] ?? '') }));
const labelsOf = (body: JsonObject): unknown => (body['metadata'] as { readonly labels?: unknown }).labels;

test('a webhook is asked what is written, by whom, and may change it', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Mutating', '/label');
  callers.answers.set('/label', () => label('seen'));
  const made = await create(cluster, { metadata: { name: 'm' }, data: { a: '1' } });
  assert.deepEqual([made.code, labelsOf(made.body)], [201, { seen: 'yes' }]);
  const { request, target } = callers.asked[0]!;
  assert.deepEqual([target.host, target.port, target.serverName, target.path], ['hooks.example.com', 443, 'hooks.example.com', '/label']);
  const { uid, object, ...rest } = request;
  assert.match(String(uid), /^[-0-9a-f]{36}$/);
  assert.equal((object as JsonObject)['apiVersion'], 'v1');
  assert.deepEqual(rest, {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' }, resource: { group: '', version: 'v1', resource: 'configmaps' }, requestKind: { group: '', version: 'v1', kind: 'ConfigMap' }, requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'm', namespace: 'a', operation: 'CREATE', userInfo: { username: 'tester', groups: [] }, oldObject: null, dryRun: false, options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
  });
});

test('a webhook that denies says why, with a code of its own; of a delete it sees what goes', async () => {
  const { cluster, callers, hook } = await world();
  await create(cluster, { metadata: { name: 'm' } });
  await hook('Validating', '/no');
  callers.answers.set('/no', ({ operation }) => ({ allowed: false, status: { message: `no ${String(operation)}`, code: 418, reason: 'Teapot' } }));
  assert.deepEqual(await create(cluster, { metadata: { name: 'n' } }).then(({ code, message }) => [code, message]), [418, 'admission webhook "no.example.com" denied the request: no CREATE']);
  const gone = await cluster.ask('DELETE', `${MAPS}/m`);
  assert.equal(gone.body['message'], 'admission webhook "no.example.com" denied the request: no DELETE');
  const { request } = callers.asked.at(-1)!;
  assert.deepEqual([request['object'], (request['oldObject'] as { metadata: { name: string } }).metadata.name], [null, 'm']);
  callers.answers.set('/no', () => ({ allowed: false, status: { code: 200 } }));
  assert.deepEqual(await create(cluster, { metadata: { name: 'n' } }).then(({ code, message }) => [code, message]), [400, 'admission webhook "no.example.com" denied the request without explanation']);
});

test('only those are asked who want to be: rules, selectors, conditions', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Validating', '/update', { rules: [{ ...RULES[0], operations: ['UPDATE'] }] });
  await hook('Validating', '/other', { namespaceSelector: { matchLabels: { team: 'y' } } });
  await hook('Validating', '/object', { objectSelector: { matchLabels: { hooked: 'yes' } } });
  await hook('Validating', '/condition', { matchConditions: [{ name: 'c', expression: "object.metadata.name.startsWith('x')" }] });
  await hook('Validating', '/allowed', { matchConditions: [{ name: 'c', expression: "authorizer.group('').resource('secrets').namespace('a').check('get').allowed()" }] });
  await create(cluster, { metadata: { name: 'plain' } });
  assert.deepEqual(callers.paths, []);
  await create(cluster, { metadata: { name: 'xx', labels: { hooked: 'yes' } } });
  assert.deepEqual(callers.paths.toSorted(), ['/condition', '/object']);
  await create(cluster, { metadata: { name: 'policy' }, webhooks: [] }, `${GROUP}/validatingwebhookconfigurations`);
  assert.equal(callers.asked.length, 2, 'none is asked of webhooks themselves');
});

test('conditions that cannot be told refuse, or let it be where failures are ignored', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Validating', '/broken', { matchConditions: [{ name: 'c', expression: 'object.data.k == "v"' }], failurePolicy: 'Ignore' });
  assert.equal((await create(cluster, { metadata: { name: 'm' } })).code, 201);
  await hook('Validating', '/strict', { matchConditions: [{ name: 'c', expression: 'object.data.k == "v"' }] });
  const { code, message } = await create(cluster, { metadata: { name: 'n' } });
  assert.equal(code, 403);
  assert.match(message, /failed to evaluate the match conditions of webhook "strict\.example\.com": c: No such key: data/);
  assert.deepEqual(callers.paths, []);
});

test('one that cannot be asked stands in the way, unless failures are ignored', async () => {
  const { cluster, callers, hook, log } = await world();
  await hook('Mutating', '/down', { failurePolicy: 'Ignore' });
  callers.answers.set('/down', () => { throw new GantryError('unavailable', 'Post "https://hooks.example.com/down": connection refused'); });
  assert.equal((await create(cluster, { metadata: { name: 'm' } })).code, 201);
  assert.match(log.join(), /webhook down\.example\.com of down could not be asked, and is passed over: .*connection refused/);
  await hook('Validating', '/gone', { clientConfig: { service: { namespace: 'a', name: 'nobody' } } });
  const { code, message } = await create(cluster, { metadata: { name: 'n' } });
  assert.deepEqual([code, message], [500, 'Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: service "nobody" not found']);
});

test('answers that are none are failures, and what they say is bounded', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Mutating', '/odd');
  const wrong = async (answer: Answering): Promise<string> => {
    callers.answers.set('/odd', answer);
    const { code, message } = await create(cluster, { metadata: { name: 'm' } });
    assert.ok(code >= 400, message);
    return message;
  };
  assert.match(await wrong(() => encode('text')), /expected webhook response of admission\.k8s\.io\/v1, Kind=AdmissionReview/);
  assert.match(await wrong(() => encode({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' })), /response was absent/);
  assert.match(await wrong(() => ({ uid: 'another', allowed: true })), /expected response\.uid=/);
  assert.match(await wrong(() => ({ allowed: true, patch: 'e30=' })), /invalid response\.patchType/);
  assert.match(await wrong(() => ({ allowed: true, patch: '%', patchType: 'JSONPatch' })), /is no base64/);
  assert.match(await wrong(() => patch({ op: 'remove', path: '/nothing' })), /admission webhook "odd\.example\.com": .*there is no nothing/);
  assert.match(await wrong(() => patch({ op: 'replace', path: '', value: 'x' })), /what it made is no object/);
  assert.match(await wrong(() => patch(...Array.from({ length: 10_001 }, () => ({ op: 'add', path: '/data', value: {} })))), /maximum operations/);
  assert.match(await wrong(() => new TextEncoder().encode('['.repeat(2_000_000))), /nests more than 1000 levels/);
  assert.ok((await wrong(() => ({ allowed: false, status: { message: 'x'.repeat(2_000_000) } }))).length < 20_000);
});

test('what a webhook may not change stays, and what it leaves out is filled in again', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Mutating', '/all');
  callers.answers.set('/all', ({ operation }) => patch(
    { op: 'replace', path: '/metadata/name', value: 'other' }, { op: 'replace', path: '/metadata/uid', value: 'other' }, { op: 'add', path: '/nonsense', value: 1 }, ...(operation === 'CREATE' ? [{ op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 'side' } }] : []),
  ));
  const { code, body, message } = await create(cluster, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } }, '/api/v1/namespaces/a/pods');
  assert.equal(code, 201, message);
  assert.equal((body['metadata'] as JsonObject)['name'], 'p');
  assert.notEqual((body['metadata'] as JsonObject)['uid'], 'other');
  assert.equal(body['nonsense'], undefined);
  const side = ((body['spec'] as JsonObject)['containers'] as readonly JsonObject[])[1]!;
  assert.equal(side['imagePullPolicy'], 'Always', 'defaults');
  assert.equal((side['volumeMounts'] as readonly JsonObject[]).length, 1, 'the account of the pod is its too');
  const mounted = ((body['spec'] as JsonObject)['containers'] as readonly JsonObject[]).map((container) => (container['volumeMounts'] as readonly JsonObject[])[0]!['name']);
  assert.deepEqual(((body['spec'] as JsonObject)['volumes'] as readonly JsonObject[]).map(({ name }) => name), [...new Set(mounted)], 'each volume once');
});

test('those that want to see later changes are asked once more, and no others', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Mutating', '/a-again', { reinvocationPolicy: 'IfNeeded' });
  await hook('Mutating', '/b-never');
  await hook('Mutating', '/c-label');
  callers.answers.set('/c-label', ({ object }) => ((object as { metadata: { labels?: object } }).metadata.labels === undefined ? label('c') : { allowed: true }));
  await create(cluster, { metadata: { name: 'm' } });
  assert.deepEqual(callers.paths, ['/a-again', '/b-never', '/c-label', '/a-again']);
  await create(cluster, { metadata: { name: 'n', labels: { here: 'already' } } });
  assert.equal(callers.asked.length, 7, 'nothing changed: nobody is asked again');
});

test('a dry run is asked of as one, and warnings reach the client', async () => {
  const { cluster, callers, hook } = await world();
  await hook('Validating', '/warn');
  callers.answers.set('/warn', () => ({ allowed: true, warnings: ['mind the gap'] }));
  const warned = await cluster.send('POST', `${MAPS}?dryRun=All`, { metadata: { name: 'm' } });
  assert.deepEqual(warned.kind === 'json' && [warned.code, warned.warnings], [201, ['mind the gap']]);
  assert.equal(callers.asked[0]!.request['dryRun'], true);
});

test('a configuration that makes no sense is refused, field by field', async () => {
  const { cluster } = await world();
  const base = { name: 'a.example.com', clientConfig: { url: 'https://x/' }, rules: RULES, sideEffects: 'None', admissionReviewVersions: ['v1'] };
  const faults = async (more: JsonObject): Promise<string> => String((await cluster.ask('POST', `${GROUP}/validatingwebhookconfigurations`, { metadata: { name: 'x' }, webhooks: [{ ...base, ...more }] })).body['message']);
  assert.match(await faults({ clientConfig: { url: 'http://x/' } }), /webhooks\[0\]\.clientConfig\.url: Invalid value: "http:\/\/x\/": 'https' is the only allowed URL scheme/);
  assert.match(await faults({ clientConfig: { url: 'https://me:pw@x/#f' } }), /user information.*fragments/);
  assert.match(await faults({ clientConfig: {} }), /exactly one of url or service is required/);
  assert.match(await faults({ clientConfig: { url: 'https://x/', caBundle: 'AAAA' } }), /unable to load root certificates/);
  assert.match(await faults({ sideEffects: 'Some' }), /sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"/);
  assert.match(await faults({ timeoutSeconds: 31 }), /must be between 1 and 30 seconds/);
  assert.match(await faults({ matchConditions: [{ name: 'c', expression: 'nobody.x' }] }), /matchConditions\[0\]\.expression: .*Unknown variable: nobody/);
  assert.match(await faults({ rules: [{ ...RULES[0], operations: ['READ'] }] }), /operations\[0\]: Unsupported value/);
});

test('a webhook behind a service is asked where one of its pods listens', async () => {
  const { cluster, callers, hook } = await world();
  await create(cluster, { metadata: { name: 'svc' }, spec: { ports: [{ name: 'tls', port: 443, targetPort: 8443 }, { name: 'other', port: 80 }] } }, '/api/v1/namespaces/a/services');
  await create(cluster, {
    metadata: { name: 'svc-1', labels: { 'kubernetes.io/service-name': 'svc' } }, addressType: 'IPv4', ports: [{ name: 'tls', port: 8443, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.1.0.7'], conditions: { ready: false } }, { addresses: ['10.1.0.8'], conditions: { ready: true } }],
  }, '/apis/discovery.k8s.io/v1/namespaces/a/endpointslices');
  await hook('Validating', '/x', { clientConfig: { service: { namespace: 'a', name: 'svc', path: '/check' } } });
  await create(cluster, { metadata: { name: 'm' } });
  const { host, port, serverName, path, url } = callers.asked[0]!.target;
  assert.deepEqual([host, port, serverName, path, url], ['10.1.0.8', 8443, 'svc.a.svc', '/check', 'https://svc.a.svc:443/check']);
});

test('connections are asked for by their options, under the name of what they lead to', async () => {
  const { cluster, callers, hook } = await world();
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec'] }];
  await hook('Mutating', '/sees', { rules });
  await hook('Validating', '/refuses', { rules });
  callers.answers.set('/refuses', (request) => ({ allowed: false, status: { message: `no ${(request['object'] as { command: string[] }).command.join(' ')} in ${request['name']}` } }));
  await cluster.view.refresh(cluster.objects, cluster.registry, [...CONFIGURATIONS, 'namespaces']);
  const connect = async (subresource: string, query: readonly (readonly [string, string[]])[]): Promise<void> => {
    const request = { method: 'GET', path: `/api/v1/namespaces/a/pods/p/${subresource}`, query: new Map(query), accept: '', contentType: '', user: { name: 'ann', groups: [] }, body: async () => new Uint8Array() };
    const target = parseResourcePath(request.path) as ResourceRequest;
    const { object, subject } = connection(cluster.registry.find('', 'v1', 'pods') as never, target, request);
    await cluster.admission.connect(object, subject);
  };
  await assert.rejects(connect('exec', [['command', ['rm', '-r']], ['stdin', ['true']], ['tty', ['false']]]), { message: 'admission webhook "refuses.example.com" denied the request: no rm -r in p' });
  await connect('attach', []);
  assert.deepEqual(callers.paths, ['/sees', '/refuses']);
  const { object, kind, options, operation, subResource, oldObject } = callers.asked[0]?.request ?? {};
  assert.deepEqual({ object, kind, options, operation, subResource, oldObject }, { object: { kind: 'PodExecOptions', apiVersion: 'v1', stdin: true, command: ['rm', '-r'] }, kind: { group: '', version: 'v1', kind: 'PodExecOptions' }, options: null, operation: 'CONNECT', subResource: 'exec', oldObject: null });
});
