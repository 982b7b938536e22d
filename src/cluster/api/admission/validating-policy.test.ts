import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from '../_simulation.ts';
import { findParameters } from './policy-parameters.ts';
import { POLICY_RESOURCES, validatingPolicies } from './validating-policy.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/a/configmaps';
const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] }];

function world(): Simulation {
  const cluster: Simulation = new Simulation(({ view }) => ({ plugins: [validatingPolicies(view, async (kind, reference, namespace) => await findParameters(cluster.objects, cluster.registry, kind, reference, namespace))], reads: [...POLICY_RESOURCES, 'namespaces'] }), rulesOf);
  return cluster;
}

async function bound(spec: JsonObject, binding: JsonObject = {}): Promise<Simulation> {
  const cluster = world();
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'a', labels: { team: 'x' } } });
  const made = await cluster.ask('POST', `${GROUP}/validatingadmissionpolicies`, { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: RULES }, ...spec } });
  assert.equal(made.code, 201, String(made.body['message']));
  assert.equal((await cluster.ask('POST', `${GROUP}/validatingadmissionpolicybindings`, { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'], ...binding } })).code, 201);
  return cluster;
}

const map = (name: string, data: JsonObject = {}, labels: JsonObject = {}): JsonObject => ({ metadata: { name, labels }, data });
const create = async (cluster: Simulation, body: JsonObject): Promise<{ readonly code: number; readonly message: unknown }> => await cluster.ask('POST', MAPS, body).then(({ code, body: answer }) => ({ code, message: answer['message'] }));

test('what an expression denies is refused, in upstream words', async () => {
  const cluster = await bound({ validations: [{ expression: "object.data.size() <= 1" }, { expression: "!object.metadata.name.startsWith('x')", messageExpression: "'not ' + object.metadata.name", reason: 'Forbidden' }] });
  assert.equal((await create(cluster, map('a', { k: 'v' }))).code, 201);
  assert.deepEqual(await create(cluster, map('b', { k: 'v', l: 'w' })), { code: 422, message: `configmaps "b" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.data.size() <= 1` });
  assert.deepEqual(await create(cluster, map('x1', { k: 'v' })), { code: 403, message: `configmaps "x1" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not x1` });
  assert.equal((await cluster.ask('POST', '/api/v1/namespaces/a/secrets', { metadata: { name: 'x' } })).code, 201, 'another resource');
});

test('variables, conditions, the old object, the namespace and who asks are there to be spoken of', async () => {
  const cluster = await bound({
    matchConditions: [{ name: 'ours', expression: "request.userInfo.username == 'tester'" }], variables: [{ name: 'team', expression: "namespaceObject.metadata.labels['team']" }, { name: 'broken', expression: 'object.nothing.at.all' }],
    validations: [{ expression: "variables.team == 'x' && request.operation in ['CREATE', 'UPDATE', 'DELETE']" }, { expression: "oldObject == null || object == null || object.data.k == oldObject.data.k", message: 'k stays' }, { expression: "request.operation != 'DELETE' || oldObject.data.k != 'keep'" }],
  });
  assert.equal((await create(cluster, map('a', { k: 'keep' }))).code, 201);
  const changed = await cluster.ask('PATCH', `${MAPS}/a`, { data: { k: 'w' } }, { type: 'application/merge-patch+json' });
  assert.match(String(changed.body['message']), /denied request: k stays$/);
  assert.equal((await cluster.ask('DELETE', `${MAPS}/a`)).code, 422);
  assert.equal((await cluster.ask('PATCH', `${MAPS}/a`, { data: { k: 'w' } }, { type: 'application/merge-patch+json', user: { name: 'other', groups: [] } })).code, 200, 'not one of ours');
});

test('parameters come from objects, and without them a binding denies or allows as it says', async () => {
  const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: { resourceRules: RULES, objectSelector: { matchLabels: { checked: 'yes' } } }, validations: [{ expression: 'object.data.size() <= int(params.data.most)' }] };
  const cluster = await bound(spec, { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } });
  assert.match(String((await create(cluster, map('early', {}, { checked: 'yes' }))).message), /no params found for policy binding/);
  await create(cluster, map('limits', { most: '1' }));
  assert.equal((await create(cluster, map('a', { k: 'v' }, { checked: 'yes' }))).code, 201);
  assert.equal((await create(cluster, map('b', { k: 'v', l: 'w' }, { checked: 'yes' }))).code, 422);
  assert.equal((await create(cluster, map('c', { k: 'v', l: 'w' }))).code, 201, 'not selected');
});

test('an expression that comes upon nothing denies, unless failures are ignored; one that warns lets through', async () => {
  const spec = { validations: [{ expression: 'object.data.k == "v"' }] };
  assert.match(String((await create(await bound(spec), map('a', { l: '' }))).message), /expression 'object\.data\.k == "v"' resulted in error: No such key: k/);
  assert.equal((await create(await bound({ ...spec, failurePolicy: 'Ignore' }), map('a', { l: '' }))).code, 201);
  const warned = await (await bound(spec, { validationActions: ['Warn'] })).send('POST', MAPS, map('a', { k: 'w' }));
  assert.deepEqual(warned.kind === 'json' && warned.warnings, [`Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': failed expression: object.data.k == "v"`]);
});

test('policies that cannot be understood, or would take too long, are refused', async () => {
  const cluster = world();
  const refused = async (spec: JsonObject): Promise<unknown> => (await cluster.ask('POST', `${GROUP}/validatingadmissionpolicies`, { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: RULES }, ...spec } })).body['message'];
  assert.match(String(await refused({ validations: [{ expression: 'object.data.k ==' }] })), /spec\.validations\[0\]\.expression: Invalid value: "object\.data\.k ==": compilation failed/);
  assert.match(String(await refused({ validations: [{ expression: '1 + 1' }] })), /must evaluate to bool/);
  assert.match(String(await refused({ validations: [{ expression: 'self.x == 1' }] })), /Unknown variable: self/);
  const slow = await bound({ validations: [{ expression: 'object.data.all(a, object.data.all(b, object.data.all(c, a != b || b != c || a == c)))' }] });
  const began = performance.now();
  assert.match(String((await create(slow, map('a', Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`k${index}`, ''])))) ).message), /running out of cost budget/);
  assert.ok(performance.now() - began < 5_000);
});

test('what a policy or binding lacks is told by its path', async () => {
  const cluster = world();
  const faults = async (plural: string, spec: JsonObject): Promise<unknown> => {
    const { body } = await cluster.ask('POST', `${GROUP}/${plural}`, { metadata: { name: 'p' }, spec });
    return ((body['details'] as JsonObject | undefined)?.['causes'] as JsonObject[] | undefined)?.map(({ field }) => field);
  };
  assert.deepEqual(await faults('validatingadmissionpolicies', {
    matchConstraints: { resourceRules: RULES }, paramKind: { kind: 'ConfigMap' }, variables: [{ name: 'a-b', expression: '1' }, { name: 'x', expression: '1' }, { name: 'x', expression: '2' }], matchConditions: [{ name: 'm', expression: "'text'" }],
    validations: [{ expression: 'true', reason: 'Whim' }], auditAnnotations: [{ key: 'b', valueExpression: '1 +' }, { key: 'k', valueExpression: "'text'" }, { key: 'n', valueExpression: 'null' }, { key: 'i', valueExpression: '1' }],
  }), ['spec.paramKind.apiVersion', 'spec.variables[0].name', 'spec.variables[2].name', 'spec.matchConditions[0].expression', 'spec.validations[0].reason', 'spec.auditAnnotations[0].valueExpression', 'spec.auditAnnotations[3].valueExpression']);
  for (const [plural, more] of [['validatingadmissionpolicybindings', { validationActions: ['Deny'] }], ['mutatingadmissionpolicybindings', {}]] as const) {
    assert.deepEqual(await faults(plural, { policyName: 'p', paramRef: { parameterNotFoundAction: 'Maybe' }, ...more }), ['spec.paramRef', 'spec.paramRef.parameterNotFoundAction'], plural);
    assert.deepEqual(await faults(plural, { policyName: 'p', paramRef: { name: 'x', selector: {} }, ...more }), ['spec.paramRef.name', 'spec.paramRef.parameterNotFoundAction'], plural);
  }
});
