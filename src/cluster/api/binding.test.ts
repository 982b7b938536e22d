import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { Simulation } from './_simulation.ts';
import type { SubresourceHandler } from './api-server.ts';
import { bindPod } from './binding.ts';
import { writeOptions } from './resource-handler.ts';

const PODS = '/api/v1/namespaces/default/pods';
const binding = (target: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: 'v1', kind: 'Binding', metadata, target });

async function world(): Promise<Simulation> {
  const cluster: Simulation = new Simulation(({ schemas, clock, registry }) => {
    const handler: SubresourceHandler = (target, request) => bindPod({ writer: cluster.writer, schemas, clock, pods: registry.find('', 'v1', 'pods') as never, placed: (pod) => ({ ...pod, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] } }) }, target, request, writeOptions(request));
    return { special: [['/pods/binding', handler], ['/bindings', handler]] };
  });
  for (const name of ['a', 'b', 'gated']) await cluster.ask('POST', PODS, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'x' }], ...(name === 'gated' ? { schedulingGates: [{ name: 'g' }] } : {}) } });
  return cluster;
}

test('another scheduler says where a pod goes, and no generation counts that', async () => {
  const cluster = await world();
  assert.equal((await cluster.ask('POST', `${PODS}/a/binding`, binding({ kind: 'Node', name: 'n1' }, { annotations: { by: 'me' } }))).code, 201);
  assert.equal((await cluster.ask('POST', '/api/v1/namespaces/default/bindings', binding({ name: 'n2' }, { name: 'b' }))).code, 201);
  const [a, b] = [(await cluster.ask('GET', `${PODS}/a`)).body, (await cluster.ask('GET', `${PODS}/b`)).body] as [JsonObject, JsonObject];
  const { generation, annotations } = a['metadata'] as JsonObject;
  assert.deepEqual([(a['spec'] as JsonObject)['nodeName'], (b['spec'] as JsonObject)['nodeName'], generation, { ...annotations as JsonObject }], ['n1', 'n2', 1, { by: 'me' }]);
  assert.deepEqual((((a['status'] as JsonObject)['conditions']) as JsonObject[]).map(({ type, status }) => [type, status]), [['PodScheduled', 'True']]);
});

test('a pod is bound once, to a node, and when nothing holds it', async () => {
  const cluster = await world();
  await cluster.ask('POST', `${PODS}/a/binding`, binding({ name: 'n1' }));
  const refusal = async (pod: string, body: JsonObject): Promise<unknown> => await cluster.ask('POST', `${PODS}/${pod}/binding`, body).then(({ code, body: { message } }) => [code, message]);
  assert.deepEqual(await refusal('a', binding({ name: 'n2' })), [409, 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"']);
  assert.deepEqual(await refusal('gated', binding({ name: 'n2' })), [409, 'Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates']);
  assert.deepEqual(await refusal('b', binding({ kind: 'Pod' })), [422, 'Binding "b" is invalid: [target.kind: Unsupported value: "Pod": supported values: "Node", target.name: Required value]']);
  assert.deepEqual(await refusal('b', binding({ name: 'n1' }, { uid: 'other' })).then((answer) => (answer as unknown[])[0]), 409);
  assert.deepEqual(await refusal('none', binding({ name: 'n1' })), [404, 'pods "none" not found']);
});
