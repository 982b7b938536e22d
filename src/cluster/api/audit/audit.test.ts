import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { Action } from '../access/policy-rule.ts';
import type { ApiRequest } from '../api-request.ts';
import { StatusError } from '../status.ts';
import { Simulation } from '../_simulation.ts';
import { AuditLog } from './audit-log.ts';
import { auditVerdict, DEFAULT_AUDIT_POLICY, readAuditPolicy } from './audit-policy.ts';

const ann = { name: 'ann', groups: ['dev'] };
const on = (verb: string, resource: string, more: Partial<Action & { kind: 'resource' }> = {}): Action => ({ kind: 'resource', verb, group: '', version: 'v1', resource, subresource: '', namespace: 'a', name: '', ...more });
const policy = (rules: string): ReturnType<typeof readAuditPolicy> => readAuditPolicy(`{ apiVersion: audit.k8s.io/v1, kind: Policy, rules: [${rules}] }`);

test('the first rule that is meant decides, and without one nothing is told', () => {
  const level = (rules: string, action: Action): string => auditVerdict(policy(rules), ann, action).level;
  assert.equal(level('{ level: None, users: [bob] }, { level: Request, userGroups: [dev], verbs: [get] }, { level: Metadata }', on('get', 'pods')), 'Request');
  assert.equal(level('{ level: Request, verbs: [get] }', on('list', 'pods')), 'None');
  const pods = '{ level: Request, resources: [{ group: "", resources: [pods] }] }';
  assert.deepEqual([level(pods, on('get', 'pods')), level(pods, on('get', 'pods', { subresource: 'log' })), level(pods, on('get', 'pods', { group: 'x' })), level(pods, { kind: 'path', verb: 'get', path: '/pods' })], ['Request', 'None', 'None', 'None']);
  for (const resources of ['[pods/log]', '["*/log"]', '["pods/*"]', '["*"]', '[]']) assert.equal(level(`{ level: Request, resources: [{ group: "", resources: ${resources} }] }`, on('get', 'pods', { subresource: 'log' })), 'Request', resources);
  assert.equal(level('{ level: Request, resources: [{ group: "", resources: [pods], resourceNames: [x] }] }', on('get', 'pods', { name: 'y' })), 'None');
  assert.equal(level('{ level: Request, namespaces: [b] }', on('get', 'pods')), 'None');
  assert.equal(level('{ level: Request, nonResourceURLs: ["/health*"] }', { kind: 'path', verb: 'get', path: '/healthz' }), 'Request');
  assert.equal(level('{ level: Request, nonResourceURLs: ["*"] }', on('get', 'pods')), 'None');
});

test('a policy that cannot be understood is refused, with the place', () => {
  assert.throws(() => readAuditPolicy('x: ['), /the audit policy is no YAML/);
  assert.throws(() => readAuditPolicy('kind: Policy'), /is no audit\.k8s\.io\/v1 Policy/);
  assert.throws(() => policy(''), /has no rules/);
  assert.throws(() => policy('{ level: Metadata }, { level: All }'), /rules\[1\]\.level: "All" is none of None, Metadata/);
  assert.throws(() => policy('{ level: Metadata, omitStages: [Never] }'), /rules\[0\]\.omitStages: "Never" is none of/);
  assert.throws(() => policy('{ level: Metadata, namespaces: [a], nonResourceURLs: ["/x"] }'), /about paths or about resources/);
  assert.throws(() => policy('{ level: Metadata, nonResourceURLs: ["/x*y"] }'), /a star that is not at its end/);
  assert.throws(() => policy('{ level: Metadata, verbs: get }'), /rules\[0\]\.verbs is no list of texts/);
});

interface Told extends JsonObject {
  readonly stage: string;
}

function open(text: string): { readonly cluster: Simulation; readonly told: () => readonly Told[]; send(method: string, path: string, body?: JsonObject, more?: Partial<ApiRequest>): ReturnType<AuditLog['around']> } {
  const lines: string[] = [];
  const cluster = new Simulation();
  const log = new AuditLog({ policy: readAuditPolicy(text), schemas: cluster.schemas, clock: new ManualClock(), random: new SeededRandom(1), write: (line) => lines.push(line) });
  return {
    cluster, told: () => lines.map((line) => JSON.parse(line) as Told),
    send: async (method, path, body, more = {}) => {
      const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
      const request: ApiRequest = { method, path: path.split('?')[0] ?? '', uri: path, query: new Map([...new URL(`http://x${path}`).searchParams].map(([key, value]) => [key, [value]])), accept: '', contentType: 'application/json', user: ann, userAgent: 'test', sourceIps: ['10.0.0.9'], body: async () => bytes, ...more };
      return await log.around(request, (each) => cluster.api.handle(each));
    },
  };
}

test('an event says who, what, whence and what became of it, as upstream', async () => {
  const { told, send } = open('{ apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{ level: Metadata }] }');
  await send('POST', '/api/v1/namespaces/a/configmaps?dryRun=All', { metadata: { name: 'm' }, data: { password: 'hunter2' } });
  const [received, complete] = told();
  const { auditID, ...rest } = complete!;
  assert.deepEqual(rest, {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', stage: 'ResponseComplete', requestURI: '/api/v1/namespaces/a/configmaps?dryRun=All', verb: 'create', user: { username: 'ann', groups: ['dev'] }, sourceIPs: ['10.0.0.9'], userAgent: 'test',
    objectRef: { resource: 'configmaps', namespace: 'a', apiVersion: 'v1' }, responseStatus: { metadata: {}, code: 201 }, requestReceivedTimestamp: received!['requestReceivedTimestamp'], stageTimestamp: complete!['stageTimestamp'],
  });
  assert.deepEqual([received!.stage, received!['auditID'], received!['responseStatus']], ['RequestReceived', auditID, undefined]);
  assert.match(String(complete!['stageTimestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.ok(!JSON.stringify(told()).includes('hunter2'));
  await send('GET', '/api/v1/namespaces/a/configmaps/none');
  assert.deepEqual((told().at(-1)!['responseStatus'] as JsonObject)['reason'], 'NotFound');
});

test('bodies are told where the policy wants them, without managed fields where it does not', async () => {
  const { told, send } = open('{ apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [RequestReceived], omitManagedFields: true, rules: [{ level: RequestResponse, verbs: [create, list] }, { level: Request }] }');
  await send('POST', '/api/v1/namespaces/a/configmaps', { metadata: { name: 'm' }, data: { a: '1' } });
  const [made] = told();
  assert.deepEqual(made!['requestObject'], { metadata: { name: 'm' }, data: { a: '1' } });
  assert.equal(((made!['responseObject'] as JsonObject)['metadata'] as JsonObject)['name'], 'm');
  await send('PATCH', '/api/v1/namespaces/a/configmaps/m', [{ op: 'add', path: '/data/b', value: '2' }] as unknown as JsonObject, { contentType: 'application/json-patch+json' });
  const patched = told().at(-1)!;
  assert.deepEqual([patched['requestObject'], patched['responseObject']], [[{ op: 'add', path: '/data/b', value: '2' }], undefined]);
  await send('GET', '/api/v1/namespaces/a/configmaps');
  assert.ok(!JSON.stringify(told()).includes('managedFields'));
});

test('a watch is told when it begins and when it ends', async () => {
  const { told, send } = open('{ apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [RequestReceived], rules: [{ level: Metadata }] }');
  const answer = await send('GET', '/api/v1/configmaps?watch=1');
  assert.deepEqual(told().map(({ stage, verb }) => [stage, verb]), [['ResponseStarted', 'watch']]);
  assert.ok(answer.kind === 'watch');
  await answer.events.return(undefined);
  assert.equal(told().at(-1)!.stage, 'ResponseComplete');
});

test('those who are not let in are told of, and so are paths that cannot be read', async () => {
  const { told, cluster, send } = open('{ apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [RequestReceived], rules: [{ level: Metadata }] }');
  await send('GET', '/api/v1/namespaces/%zz/pods');
  assert.equal((told()[0]!['responseStatus'] as JsonObject)['code'], 400);
  const lines: string[] = [];
  const log = new AuditLog({ policy: readAuditPolicy(DEFAULT_AUDIT_POLICY), schemas: cluster.schemas, clock: new ManualClock(), random: new SeededRandom(1), write: (line) => lines.push(line) });
  const request: ApiRequest = { method: 'GET', path: '/api/v1/secrets', query: new Map(), accept: '', contentType: '', user: { name: '', groups: [] }, body: async () => new Uint8Array() };
  log.unknown(request, new StatusError('unauthorized', 'Unauthorized'));
  assert.equal(((JSON.parse(lines[0]!) as JsonObject)['responseStatus'] as JsonObject)['code'], 401);
  await assert.rejects(log.aroundUpgrade(request, async () => { throw new StatusError('forbidden', 'no'); }), /no/);
  assert.equal(((JSON.parse(lines[1]!) as JsonObject)['responseStatus'] as JsonObject)['code'], 403);
});

test('the default policy tells of every write and of secrets read, and has no body of anything', () => {
  const standard = readAuditPolicy(DEFAULT_AUDIT_POLICY);
  const level = (action: Action): string => auditVerdict(standard, ann, action).level;
  for (const action of [on('get', 'secrets'), on('create', 'serviceaccounts', { subresource: 'token' }), on('create', 'tokenreviews', { group: 'authentication.k8s.io' }), on('create', 'pods', { subresource: 'exec' }), on('delete', 'pods')]) assert.equal(level(action), 'Metadata');
  for (const action of [on('create', 'events'), { kind: 'path', verb: 'get', path: '/readyz' } as const, { kind: 'path', verb: 'get', path: '/apis/apps/v1' } as const]) assert.equal(level(action), 'None');
  assert.ok(standard.rules.every((rule) => rule.level === 'None' || rule.level === 'Metadata'));
});
