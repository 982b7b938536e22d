import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { API_SERVICES } from '#cluster/api/aggregation/remote-api.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { View, Write } from '#cluster/loop/controller.ts';
import { apiRegistration } from './api-registration.ts';
import { DEFINITIONS } from './custom-resource-definition.ts';
import { extensionAuthentication } from './extension-authentication.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';
const controller = apiRegistration(() => [{ group: '', version: 'v1' }, { group: 'apps', version: 'v1' }, { group: 'apiregistration.k8s.io', version: 'v1' }, { group: 'metrics.k8s.io', version: 'v1beta1' }], new Set(['metrics.k8s.io']));
const viewOf = (objects: Readonly<Record<string, readonly KubeObject[]>>): View => ({ list: (resource) => objects[resource] ?? [], get: (resource, _namespace, name) => (objects[resource] ?? []).find(({ metadata }) => metadata.name === name), byUid: () => undefined, ownedBy: () => [], indexed: () => new Set() });
const space = asObject({ kind: 'Namespace', metadata: { name: 'kube-system' } });

function writesOf(name: string, objects: Readonly<Record<string, readonly KubeObject[]>>): readonly Write[] {
  return controller.reconcile(name, viewOf(objects), NOW).writes;
}

/** The registration that is made where there is none. */
function made(name: string, objects: Readonly<Record<string, readonly KubeObject[]>> = {}): KubeObject {
  const [write] = writesOf(name, objects);
  assert.ok(write?.kind === 'create');
  return asObject(write.object as unknown as JsonObject);
}

test('what the API itself serves is registered, and always available', () => {
  assert.deepEqual(controller.keysFor('namespaces', space, viewOf({})), ['v1.', 'v1.apps', 'v1beta1.metrics.k8s.io']);
  const apps = made('v1.apps');
  assert.deepEqual([apps.metadata.labels, apps['spec']], [{ [MANAGED]: 'onstart' }, { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 }]);
  assert.deepEqual(made('v1.')['spec'], { version: 'v1', groupPriorityMinimum: 18_000, versionPriority: 1 });
  const [told] = writesOf('v1.apps', { [API_SERVICES]: [apps] });
  assert.ok(told?.kind === 'status');
  assert.deepEqual(told.object['status'], { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Local', message: 'Local APIServices are always available' }] });
  assert.deepEqual(writesOf('v1.apps', { [API_SERVICES]: [told.object] }), []);
  const [mended] = writesOf('v1.apps', { [API_SERVICES]: [asObject({ ...told.object, spec: { ...apps['spec'] as JsonObject, service: { name: 'x', namespace: 'y' } } } as unknown as JsonObject)] });
  assert.deepEqual(mended?.kind === 'update' && mended.object['spec'], apps['spec']);
});

test('metrics are built in, unless somebody registers a server of his own', () => {
  const own = made('v1beta1.metrics.k8s.io');
  assert.equal(own.metadata.labels, undefined);
  const theirs = asObject({ ...own, spec: { ...own['spec'] as JsonObject, service: { name: 'metrics-server', namespace: 'kube-system', port: 443 } } } as unknown as JsonObject);
  assert.deepEqual(writesOf('v1beta1.metrics.k8s.io', { [API_SERVICES]: [theirs] }), []);
});

test('versions of definitions come and go with them', () => {
  const definition = (status: string, ...served: readonly boolean[]): KubeObject => asObject({ kind: 'CustomResourceDefinition', metadata: { name: 'lamps.example.com' }, spec: { group: 'example.com', versions: served.map((each, index) => ({ name: `v${index + 1}`, served: each })) }, status: { conditions: [{ type: 'Established', status }] } } as JsonObject);
  assert.deepEqual(controller.keysFor(DEFINITIONS, definition('True', true, false), viewOf({})), ['v1.example.com', 'v2.example.com']);
  const first = made('v1.example.com', { [DEFINITIONS]: [definition('True', true, false)] });
  assert.deepEqual([first.metadata.labels, first['spec']], [{ [MANAGED]: 'true' }, { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 }]);
  for (const definitions of [[], [definition('True', false, true)], [definition('False', true)]]) assert.deepEqual(writesOf('v1.example.com', { [DEFINITIONS]: definitions, [API_SERVICES]: [first] }).map(({ kind }) => kind), ['delete']);
  assert.deepEqual(writesOf('v2.example.com', { [DEFINITIONS]: [definition('True', true, false)] }), []);
});

test('servers of other groups are told whom to believe', () => {
  const keeper = extensionAuthentication({ clientCa: 'A', proxyCa: 'B', proxyName: 'proxy' });
  const [write] = keeper.reconcile('x', viewOf({ namespaces: [space] }), NOW).writes;
  assert.ok(write?.kind === 'create');
  assert.deepEqual([write.object['data'], write.object.metadata], [{
    'client-ca-file': 'A', 'requestheader-client-ca-file': 'B', 'requestheader-allowed-names': '["proxy"]', 'requestheader-username-headers': '["X-Remote-User"]', 'requestheader-uid-headers': '["X-Remote-Uid"]', 'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  }, { name: 'extension-apiserver-authentication', namespace: 'kube-system' }]);
  const present = asObject(write.object as unknown as JsonObject);
  assert.deepEqual(keeper.reconcile('x', viewOf({ namespaces: [space], configmaps: [present] }), NOW).writes, []);
  assert.deepEqual(keeper.reconcile('x', viewOf({ namespaces: [space], configmaps: [asObject({ ...present, data: {} } as unknown as JsonObject)] }), NOW).writes.map(({ kind }) => kind), ['update']);
});
