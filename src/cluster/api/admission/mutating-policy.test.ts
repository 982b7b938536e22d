import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Mutator } from '../admission.ts';
import { FieldManager } from '../apply/field-manager.ts';
import { Simulation } from '../_simulation.ts';
import { MUTATING_POLICY_RESOURCES, mutatingPolicies } from './mutating-policy.ts';
import { findParameters } from './policy-parameters.ts';
import { POLICY_RESOURCES, validatingPolicies } from './validating-policy.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/a/configmaps';
const PODS = '/api/v1/namespaces/a/pods';
const ALL = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps', 'pods'] }];
const applied = (expression: string): JsonObject => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patched = (expression: string): JsonObject => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const labelled = (key: string, value: string): JsonObject => applied(`Object{metadata: Object.metadata{labels: {"${key}": ${value}}}}`);
const map = (name: string, more: JsonObject = {}): JsonObject => ({ metadata: { name }, ...more });

function world(further: readonly Mutator[] = []): Simulation {
  const cluster: Simulation = new Simulation(({ view, schemas }) => {
    const find = async (kind: JsonObject, reference: JsonObject, namespace: string | undefined): Promise<readonly KubeObject[]> => await findParameters(cluster.objects, cluster.registry, kind, reference, namespace);
    return { plugins: [validatingPolicies(view, find)], mutators: [mutatingPolicies({ view, schemas, fields: new FieldManager(schemas), find }), ...further], reads: [...POLICY_RESOURCES, ...MUTATING_POLICY_RESOURCES, 'namespaces'] };
  }, rulesOf);
  return cluster;
}

async function add(cluster: Simulation, name: string, spec: JsonObject, binding: JsonObject = {}): Promise<void> {
  const made = await cluster.ask('POST', `${GROUP}/mutatingadmissionpolicies`, { metadata: { name }, spec: { matchConstraints: { resourceRules: ALL }, reinvocationPolicy: 'Never', ...spec } });
  assert.equal(made.code, 201, String(made.body['message']));
  assert.equal((await cluster.ask('POST', `${GROUP}/mutatingadmissionpolicybindings`, { metadata: { name }, spec: { policyName: name, ...binding } })).code, 201);
}

async function bound(spec: JsonObject, binding: JsonObject = {}): Promise<Simulation> {
  const cluster = world();
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'a', labels: { team: 'x' } } });
  await add(cluster, 'p', spec, binding);
  return cluster;
}

async function create(cluster: Simulation, path: string, body: JsonObject): Promise<JsonObject> {
  const { code, body: answer } = await cluster.ask('POST', path, body);
  assert.equal(code, 201, String(answer['message']));
  return answer;
}

const labelsOf = (object: JsonObject): unknown => (object['metadata'] as JsonObject)['labels'];

test('a configuration is put over what is written, lists by their keys', async () => {
  const cluster = await bound({
    matchConditions: [{ name: 'lacks', expression: '!object.spec.initContainers.exists(c, c.name == "proxy")' }], variables: [{ name: 'image', expression: '"proxy:" + string(object.spec.containers.size())' }],
    mutations: [applied('Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "proxy", image: variables.image, restartPolicy: "Always"}]}}')],
    matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
  });
  const pod = await create(cluster, PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }], initContainers: [{ name: 'first', image: 'y' }] } });
  assert.deepEqual(((pod['spec'] as JsonObject)['initContainers'] as JsonObject[]).map(({ name, image }) => [name, image]), [['first', 'y'], ['proxy', 'proxy:1']]);
  const there = await create(cluster, PODS, { metadata: { name: 'q' }, spec: { containers: [{ name: 'c', image: 'x' }], initContainers: [{ name: 'proxy', image: 'own' }] } });
  assert.deepEqual(((there['spec'] as JsonObject)['initContainers'] as JsonObject[]).map(({ image }) => image), ['own']);
});

test('a JSON patch changes and takes away; mutations see what those before them did', async () => {
  const cluster = await bound({ mutations: [
    patched('[JSONPatch{op: "remove", path: "/data/secret"}, JSONPatch{op: "add", path: "/data/n", value: string(object.data.size())}]'), labelled('n', 'object.data.n'),
    patched('has(object.metadata.labels) ? [JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/x"), value: "y"}] : []'),
  ] });
  const made = await create(cluster, MAPS, map('m', { data: { secret: 's', k: 'v' } }));
  assert.deepEqual([made['data'], labelsOf(made)], [{ k: 'v', n: '2' }, { n: '2', 'example.com/x': 'y' }]);
});

test('what fails refuses the write in upstream words, or is passed over where the policy says so', async () => {
  const broken = [patched('[JSONPatch{op: "remove", path: "/data/none"}]')];
  const answer = await (await bound({ mutations: broken })).ask('POST', MAPS, map('m', { data: {} }));
  assert.deepEqual([answer.code, answer.body['reason']], [422, 'Invalid']);
  assert.match(String(answer.body['message']), /^configmaps "m" is forbidden: policy 'p' with binding 'p' denied request: .*there is no none/);
  const ignored = await create(await bound({ failurePolicy: 'Ignore', mutations: [labelled('a', '"b"'), ...broken] }), MAPS, map('m', { data: { k: 'v' } }));
  assert.deepEqual([ignored['data'], labelsOf(ignored)], [{ k: 'v' }, undefined], 'all of a policy or none');
  for (const [expression, why] of [
    ['object.nothing.at.all', /resulted in error/], ['"text"', /does not evaluate to Object/], ['Object{wrong: 1}', /\.wrong: field not declared in schema/],
    ['Object{metadata: Object.metadata{managedFields: []}}', /managedFields must be nil/],
  ] as const) {
    const refused = await (await bound({ mutations: [applied(expression)] })).ask('POST', MAPS, map('m'));
    assert.deepEqual([refused.code, why.test(String(refused.body['message']))], [422, true], String(refused.body['message']));
  }
  const atomic = await (await bound({ mutations: [applied('Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", args: ["x"]}]}}')] })).ask('POST', PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
  assert.match(String(atomic.body['message']), /invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \.spec\.containers\[0\]\.args/);
});

test('parameters, the namespace and the binding\'s own selection are heeded', async () => {
  const cluster = await bound(
    { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: { resourceRules: [{ ...ALL[0], resources: ['secrets'] }] }, mutations: [labelled('team', 'namespaceObject.metadata.labels["team"] + params.data.suffix')] },
    { paramRef: { name: 'settings', parameterNotFoundAction: 'Deny' }, matchResources: { objectSelector: { matchLabels: { mark: 'yes' } } } },
  );
  const secret = (name: string, labels: JsonObject): JsonObject => ({ metadata: { name, labels } });
  assert.match(String((await cluster.ask('POST', '/api/v1/namespaces/a/secrets', secret('s', { mark: 'yes' }))).body['message']), /no params found for policy binding with `Deny` parameterNotFoundAction/);
  await create(cluster, MAPS, map('settings', { data: { suffix: '-1' } }));
  assert.deepEqual(labelsOf(await create(cluster, '/api/v1/namespaces/a/secrets', secret('s', { mark: 'yes' }))), { mark: 'yes', team: 'x-1' });
  assert.deepEqual(labelsOf(await create(cluster, '/api/v1/namespaces/a/secrets', secret('t', { mark: 'no' }))), { mark: 'no' });
});

test('those that want to be asked again are, where others changed what they left', async () => {
  let told = '';
  const other: Mutator = { begin: () => ({ first: async (object) => ({ ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, late: 'yes' } } }), again: async (object) => {
    told = JSON.stringify(object.metadata.labels);
    return object;
  } }) };
  const cluster = world([other]);
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'a' } });
  const sees = (key: string): JsonObject => labelled(key, 'has(object.metadata.labels) && has(object.metadata.labels.late) ? "late" : "early"');
  await add(cluster, 'again', { reinvocationPolicy: 'IfNeeded', mutations: [sees('again')] });
  await add(cluster, 'once', { mutations: [sees('once')] });
  assert.deepEqual(labelsOf(await create(cluster, MAPS, map('m'))), { again: 'late', once: 'early', late: 'yes' });
  assert.match(told, /"again":"late"/);
});

test('what a policy made is held to the same rules, and who it is nobody changes', async () => {
  const cluster = await bound({ mutations: [patched('[JSONPatch{op: "replace", path: "/metadata/name", value: "other"}, JSONPatch{op: "add", path: "/metadata/uid", value: "u"}]')] });
  const made = await create(cluster, MAPS, map('m'));
  assert.equal((made['metadata'] as JsonObject)['name'], 'm');
  await cluster.ask('POST', `${GROUP}/validatingadmissionpolicies`, { metadata: { name: 'v' }, spec: { matchConstraints: { resourceRules: ALL }, validations: [{ expression: '!has(object.data) || !has(object.data.bad)' }] } });
  await cluster.ask('POST', `${GROUP}/validatingadmissionpolicybindings`, { metadata: { name: 'v' }, spec: { policyName: 'v', validationActions: ['Deny'] } });
  await add(cluster, 'q', { mutations: [applied('Object{data: {"bad": "yes"}}')] });
  assert.equal((await cluster.ask('POST', MAPS, map('n'))).code, 422);
});

test('a wrong policy is refused by its paths', async () => {
  const cluster = world();
  const faults = async (spec: JsonObject): Promise<unknown> => {
    const { body } = await cluster.ask('POST', `${GROUP}/mutatingadmissionpolicies`, { metadata: { name: 'p' }, spec });
    return ((body['details'] as JsonObject | undefined)?.['causes'] as JsonObject[] | undefined)?.map(({ field }) => field);
  };
  assert.deepEqual(await faults({}), ['spec.matchConstraints.resourceRules', 'spec.mutations', 'spec.reinvocationPolicy']);
  const rest = { matchConstraints: { resourceRules: ALL }, reinvocationPolicy: 'Never' };
  assert.deepEqual(await faults({ ...rest, matchConstraints: { resourceRules: [{ ...ALL[0], operations: ['DELETE'] }] }, mutations: [{ patchType: 'Magic' }] }), ['spec.matchConstraints.resourceRules[0].operations[0]', 'spec.mutations[0].patchType']);
  assert.deepEqual(await faults({ ...rest, mutations: [applied('Object{'), { ...applied('Object{}'), jsonPatch: { expression: '[]' } }, { patchType: 'JSONPatch' }] }), ['spec.mutations[0].applyConfiguration.expression', 'spec.mutations[1].jsonPatch', 'spec.mutations[2].jsonPatch.expression']);
});

test('an object that has a message of its own is changed like others', async () => {
  const cluster = await bound({ matchConstraints: { resourceRules: [{ ...ALL[0], resources: ['events'] }] }, mutations: [labelled('seen', '"yes"')] });
  const event = await create(cluster, '/api/v1/namespaces/a/events', { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'a' }, message: 'told', reason: 'R', type: 'Normal' });
  assert.deepEqual([labelsOf(event), event['message']], [{ seen: 'yes' }, 'told']);
});
