import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { CLEANUP } from '#cluster/kinds/rules/extension.ts';
import type { View } from '#cluster/loop/controller.ts';
import { customResourceDefinitions, DEFINITIONS } from './custom-resource-definition.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const definition = (plural: string, names: JsonObject = {}, more: { readonly metadata?: JsonObject; readonly status?: JsonObject } = {}): KubeObject => asObject({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.example.com`, finalizers: [CLEANUP], ...more.metadata },
  spec: { group: 'example.com', names: { plural, singular: plural, kind: plural, listKind: `${plural}List`, ...names }, versions: [{ name: 'v1', storage: true }] }, ...(more.status === undefined ? {} : { status: more.status }),
} as JsonObject);
const viewOf = (objects: Readonly<Record<string, readonly KubeObject[]>>): View => ({ list: (resource) => objects[resource] ?? [], get: (resource, _namespace, name) => (objects[resource] ?? []).find(({ metadata }) => metadata.name === name), byUid: () => undefined, ownedBy: () => [], indexed: () => new Set() });
const conditionsOf = (status: JsonObject): readonly string[] => (status['conditions'] as JsonObject[]).map(({ type, status: is, reason }) => `${String(type)}=${String(is)} ${String(reason)}`);

function statusOf(one: KubeObject, ...others: readonly KubeObject[]): JsonObject {
  const [write] = customResourceDefinitions([DEFINITIONS]).reconcile(one.metadata.name, viewOf({ [DEFINITIONS]: [one, ...others] }), NOW).writes;
  assert.ok(write?.kind === 'status');
  return write.object['status'] as JsonObject;
}

test('a definition is established when its names are free, and says which is not', () => {
  const first = statusOf(definition('lamps', { shortNames: ['lp'] }));
  assert.deepEqual(conditionsOf(first), ['NamesAccepted=True NoConflicts', 'Established=True InitialNamesAccepted']);
  assert.deepEqual(first['storedVersions'], ['v1']);
  const taken = definition('lamps', { shortNames: ['lp'] }, { status: first });
  const second = statusOf(definition('lights', { shortNames: ['lp'] }), taken);
  assert.deepEqual(conditionsOf(second), ['NamesAccepted=False ShortNamesConflict', 'Established=False NotAccepted']);
  assert.deepEqual(conditionsOf(statusOf(definition('others', { kind: 'lamps' }), taken)), ['NamesAccepted=False KindConflict', 'Established=False NotAccepted']);
});

test('a definition that is deleted goes after its objects', () => {
  const served = [DEFINITIONS, 'example.com/lamps'];
  const controller = customResourceDefinitions(served);
  const dying = definition('lamps', {}, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: statusOf(definition('lamps')) });
  const told = controller.reconcile('lamps.example.com', viewOf({ [DEFINITIONS]: [dying] }), NOW).writes[0];
  assert.ok(told?.kind === 'status');
  assert.deepEqual(conditionsOf(told.object['status'] as JsonObject).at(-1), 'Terminating=True InstanceDeletionInProgress');
  const lamp = asObject({ apiVersion: 'example.com/v1', kind: 'lamps', metadata: { name: 'a', namespace: 'n' } });
  const look = (lamps: readonly KubeObject[]): readonly string[] => controller.reconcile('lamps.example.com', viewOf({ [DEFINITIONS]: [told.object], 'example.com/lamps': lamps }), NOW).writes.map((write) => `${write.kind} ${'resource' in write ? write.resource : ''}`);
  assert.deepEqual(look([lamp]), ['delete example.com/lamps']);
  assert.deepEqual(look([asObject({ ...lamp, metadata: { ...lamp.metadata, deletionTimestamp: 'x' } } as unknown as JsonObject)]), []);
  assert.deepEqual(look([]), [`update ${DEFINITIONS}`]);
});
