import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { builtInSchema } from '#cluster/kinds/custom/built-in-schema.ts';
import { parseCustomSchema } from '#cluster/kinds/custom/custom-schema.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { expressionWarnings, policyTypeController, type FindSubject } from './policy-types.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

const schemas = new SchemaSet(schemaPackages);
const find: FindSubject = (group, version, plural) => {
  if (group === 'apps' && version === 'v1' && plural === 'deployments') return { kind: 'Deployment', schema: builtInSchema(schemas, 'apps.v1.Deployment') };
  if (plural === 'pods') return { kind: 'Pod', schema: builtInSchema(schemas, 'core.v1.Pod') };
  return group === 'example.com' ? { kind: 'Lamp', schema: parseCustomSchema({ type: 'object', properties: { spec: { type: 'object', properties: { watts: { type: 'integer' } } } } }) } : undefined;
};
const rule = (group: string, version: string, resource: string): JsonObject => ({ apiGroups: [group], apiVersions: [version], resources: [resource], operations: ['CREATE'] });
const policy = (expression: string, ...rules: readonly JsonObject[]): KubeObject => ({ spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }, { expression, messageExpression: "'replicas: ' + string(object.spec.replicas)" }] } }) as unknown as KubeObject;
const told = (expression: string, ...rules: readonly JsonObject[]): readonly string[] => expressionWarnings(policy(expression, ...rules), find).map(({ fieldRef, warning }) => `${fieldRef}: ${warning}`);
const DEPLOYMENTS = rule('apps', 'v1', 'deployments');

test('what a kind has goes through', () => {
  for (const expression of [
    'object.spec.replicas > 1', "object.metadata.labels.all(k, k != 'x') && object.metadata.name.startsWith('a')", "object.spec.template.spec.containers.all(c, c.image.contains(':') && !has(c.securityContext.privileged))", 'object.spec.template.spec.containers.all(i, c, i < 5 && c.ports.exists(p, p.containerPort == 80))',
    "object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')", "oldObject == null || oldObject.spec.replicas == object.spec.replicas", 'object.spec.template.spec.securityContext != null', "object.spec.strategy.rollingUpdate.maxSurge == '25%' || object.spec.strategy.rollingUpdate.maxSurge == 1", "quantity(object.spec.template.spec.containers[0].resources.limits['cpu']).isLessThan(quantity('2'))",
    "variables.x == 1 && params.data.y == 'z' && request.operation == 'CREATE' && namespaceObject.metadata.name == 'n' && authorizer.group('').resource('pods').check('get').allowed()", "object.apiVersion == 'apps/v1' && object.kind == 'Deployment'",
  ]) assert.deepEqual(told(expression, DEPLOYMENTS), [], expression);
});

test('what a kind does not have is told, with the expression and the kind', () => {
  const [wrong = '', ...others] = told("object.spec.replicas > '1'", DEPLOYMENTS);
  assert.match(wrong, /^spec\.validations\[1\]\.expression: apps\/v1, Kind=Deployment: ERROR: .*int.*string/);
  assert.deepEqual(others, []);
  assert.match(told('object.spec.replica > 1', DEPLOYMENTS)[0] ?? '', /No such key: replica/);
  assert.deepEqual(told('object.spec.nodeName == "n"', rule('', 'v1', 'pods')).map((text) => text.split(': ')[0]), ['spec.validations[1].messageExpression'], 'pods have no replicas');
  assert.match(told('object.spec.watts > 1', rule('example.com', 'v1', 'lamps'), DEPLOYMENTS)[0] ?? '', /^spec\.validations\[1\]\.expression: apps\/v1, Kind=Deployment: ERROR: .*watts/, 'one of two kinds');
});

test('of a star nothing is known', () => {
  for (const star of [rule('*', 'v1', 'deployments'), rule('apps', '*', 'deployments'), rule('apps', 'v1', '*'), rule('apps', 'v1', 'deployments/*'), rule('none', 'v1', 'things')]) assert.deepEqual(told('object.nothing', star), []);
});

test('the status says what was found of which generation, and is written once', async () => {
  const cluster = new SimulatedCluster([policyTypeController(find)]);
  await cluster.runtime.open();
  const POLICIES = 'admissionregistration.k8s.io/validatingadmissionpolicies';
  await cluster.create(POLICIES, { metadata: { name: 'p' }, spec: policy("object.spec.replicas > '1'", DEPLOYMENTS)['spec'] as JsonObject });
  await cluster.settle(5);
  const [first] = await cluster.list(POLICIES);
  const status = first?.['status'] as { readonly observedGeneration: number; readonly typeChecking: { readonly expressionWarnings?: readonly object[] } };
  assert.deepEqual([status.observedGeneration, status.typeChecking.expressionWarnings?.length], [1, 1]);
  await cluster.patch(POLICIES, 'p', (object) => ({ ...object, spec: policy('object.spec.replicas > 1', DEPLOYMENTS)['spec'] as JsonObject }));
  await cluster.settle(5);
  const [second] = await cluster.list(POLICIES);
  assert.deepEqual([second?.metadata.generation, second?.['status']], [2, { observedGeneration: 2, typeChecking: {} }]);
});
