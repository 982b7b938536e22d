import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { nodeRestriction } from '../admission/node-restriction.ts';
import { Simulation } from '../_simulation.ts';
import type { User } from '../api-request.ts';
import { accessReviews } from './access-reviews.ts';
import { Authorizer } from './authorizer.ts';
import { bootstrapRoles } from './bootstrap-roles.ts';
import { NodeGraph, referencesOf } from './node-graph.ts';
import { nodeOfUser } from './node-rights.ts';
import { RequestGuard } from './request-guard.ts';
import { ROLE_RESOURCES } from './role-resolver.ts';
import { tokenRequests } from './token-requests.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

const admin: User = { name: 'root', groups: ['system:masters', 'system:authenticated'] };
const one: User = { name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] };
const READS = [...Object.values(ROLE_RESOURCES), 'pods', 'persistentvolumes', 'serviceaccounts', 'storage.k8s.io/volumeattachments'];

const pod = (name: string, node: string, spec: JsonObject = {}): JsonObject => ({ metadata: { name, namespace: 'a' }, spec: { nodeName: node, serviceAccountName: `${name}-account`, containers: [], ...spec } });
const objectOf = (value: JsonObject): KubeObject => asObject({ apiVersion: 'v1', kind: 'Pod', ...value });

/** Two nodes, with a pod each. */
async function twoNodes(): Promise<{ readonly cluster: Simulation; readonly graph: NodeGraph }> {
  const graph = new NodeGraph();
  const cluster = new Simulation(({ view, schemas }) => {
    const authorizer = new Authorizer(view, graph);
    const tokens = { issue: () => Promise.resolve({ token: 't', expiresMs: 1 }) } as unknown as ServiceAccountTokens;
    return { guard: new RequestGuard(authorizer), plugins: [nodeRestriction()], special: [...accessReviews(authorizer, schemas), ...tokenRequests(tokens, view, schemas)], reads: READS };
  });
  await bootstrapRoles(cluster.objects, cluster.writer, cluster.registry);
  const make = async (path: string, body: JsonObject): Promise<void> => assert.equal((await cluster.ask('POST', path, body, { user: admin })).code, 201, path);
  for (const node of ['one', 'two']) {
    const made = pod(`p-${node}`, node, { volumes: [{ name: 's', secret: { secretName: `secret-${node}` } }, { name: 'c', configMap: { name: `config-${node}` } }, { name: 'v', persistentVolumeClaim: { claimName: `claim-${node}` } }] });
    await make('/api/v1/nodes', { metadata: { name: node } });
    await make('/api/v1/namespaces/a/pods', made);
    graph.take(objectOf(made), undefined);
    await make('/api/v1/namespaces/a/secrets', { metadata: { name: `secret-${node}` } });
    await make('/api/v1/namespaces/a/configmaps', { metadata: { name: `config-${node}` } });
    await make('/api/v1/namespaces/a/serviceaccounts', { metadata: { name: `p-${node}-account` } });
    await make('/api/v1/namespaces/a/persistentvolumeclaims', { metadata: { name: `claim-${node}` } });
    await make('/api/v1/persistentvolumes', { metadata: { name: `volume-${node}` }, spec: { claimRef: { namespace: 'a', name: `claim-${node}` } } });
    await make('/apis/storage.k8s.io/v1/volumeattachments', { metadata: { name: `attached-${node}` }, spec: { nodeName: node, attacher: 'x', source: {} } });
  }
  return { cluster, graph };
}

test('a node reads what its own pods need, and nothing of another\'s', async () => {
  const { cluster } = await twoNodes();
  for (const path of ['namespaces/a/secrets/secret', 'namespaces/a/configmaps/config', 'namespaces/a/persistentvolumeclaims/claim', 'persistentvolumes/volume', 'namespaces/a/pods/p', 'nodes/']) {
    const dash = path.endsWith('/') ? '' : '-';
    const [own, other] = await Promise.all(['one', 'two'].map((node) => cluster.ask('GET', `/api/v1/${path}${dash}${node}`, undefined, { user: one })));
    assert.deepEqual([own?.code, other?.code], [200, 403], path);
  }
  const refused = await cluster.ask('GET', '/api/v1/namespaces/a/secrets/secret-two', undefined, { user: one });
  assert.equal(refused.body['message'], 'secrets "secret-two" is forbidden: User "system:node:one" cannot get resource "secrets" in API group "" in the namespace "a": no relationship found between node \'one\' and this object');
  assert.deepEqual(await Promise.all(['one', 'two'].map(async (node) => (await cluster.ask('GET', `/apis/storage.k8s.io/v1/volumeattachments/attached-${node}`, undefined, { user: one })).code)), [200, 403]);
});

test('a node lists and writes what names it, and no more', async () => {
  const { cluster } = await twoNodes();
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
  for (const [method, path, body, code] of [
    ['GET', '/api/v1/namespaces/a/secrets', undefined, 403], ['GET', '/api/v1/secrets', undefined, 403], ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Dsecret-one', undefined, 200],
    ['POST', '/api/v1/namespaces/a/secrets', { metadata: { name: 'x' } }, 403], ['DELETE', '/api/v1/namespaces/a/secrets/secret-one', undefined, 403],
    ['GET', '/api/v1/pods', undefined, 403], ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Done', undefined, 200], ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dtwo', undefined, 403],
    ['GET', '/api/v1/nodes', undefined, 403], ['GET', '/api/v1/services', undefined, 200], ['GET', '/apis/apps/v1/deployments', undefined, 403],
    ['POST', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { ...lease, metadata: { name: 'one' } }, 201], ['POST', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { ...lease, metadata: { name: 'two' } }, 403],
    ['POST', '/apis/coordination.k8s.io/v1/namespaces/a/leases', { ...lease, metadata: { name: 'one' } }, 403],
    ['PATCH', '/api/v1/nodes/one', { metadata: { labels: { mine: 'yes' } } }, 200], ['PATCH', '/api/v1/nodes/two', { metadata: { labels: { mine: 'yes' } } }, 403],
    ['PATCH', '/api/v1/nodes/one', { metadata: { labels: { 'node-restriction.kubernetes.io/zone': 'safe' } } }, 403], ['PATCH', '/api/v1/nodes/one', { metadata: { labels: { 'kubernetes.io/hostname': 'one' } } }, 200],
    ['PATCH', '/api/v1/nodes/one', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }, 403], ['DELETE', '/api/v1/nodes/one', undefined, 403],
    ['PATCH', '/api/v1/namespaces/a/pods/p-one/status', { status: { phase: 'Running' } }, 200], ['PATCH', '/api/v1/namespaces/a/pods/p-two/status', { status: { phase: 'Running' } }, 403],
    ['PATCH', '/api/v1/namespaces/a/pods/p-one', { metadata: { labels: { x: 'y' } } }, 403],
    ['POST', '/api/v1/namespaces/a/pods', pod('new', 'one'), 403], ['POST', '/api/v1/namespaces/a/pods', { metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: 'one', containers: [] } }, 201],
    ['POST', '/api/v1/namespaces/a/pods', { metadata: { name: 'mirror2', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: 'one', containers: [], volumes: [{ name: 's', secret: { secretName: 'secret-two' } }] } }, 403],
    ['DELETE', '/api/v1/namespaces/a/pods/p-two', undefined, 403], ['DELETE', '/api/v1/namespaces/a/pods/p-one?gracePeriodSeconds=0', undefined, 200],
  ] as const) {
    const answer = await cluster.ask(method, path, body as JsonObject | undefined, { user: one, ...(method === 'PATCH' ? { type: 'application/merge-patch+json' } : {}) });
    assert.equal(answer.code, code, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  }
});

test('a node asks for tokens of its own pods, bound to them', async () => {
  const { cluster } = await twoNodes();
  const ask = async (account: string, bound?: string): Promise<readonly unknown[]> => {
    const { code, body } = await cluster.ask('POST', `/api/v1/namespaces/a/serviceaccounts/${account}/token`, { spec: bound === undefined ? {} : { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: bound } } }, { user: one });
    return [code, String(body['message'] ?? '').split(': ').at(-1)];
  };
  assert.deepEqual(await ask('p-one-account', 'p-one'), [201, '']);
  assert.deepEqual(await ask('p-one-account'), [403, 'node requested token not bound to a pod']);
  assert.deepEqual(await ask('p-two-account', 'p-two'), [403, 'no relationship found between node \'one\' and this object']);
});

test('the graph follows pods as they come, change and go', () => {
  const graph = new NodeGraph();
  const [waiting, bound] = ['', 'one'].map((node) => objectOf(pod('p', node, { volumes: [{ name: 's', secret: { secretName: 's' } }] }))) as [KubeObject, KubeObject];
  const debugged = objectOf(pod('p', 'one', { volumes: [{ name: 's', secret: { secretName: 's' } }], ephemeralContainers: [{ name: 'd', envFrom: [{ configMapRef: { name: 'c' } }] }] }));
  const knows = (): readonly boolean[] => [graph.refers('one', 'secrets', 'a', 's'), graph.refers('one', 'configmaps', 'a', 'c'), graph.refers('two', 'secrets', 'a', 's'), graph.has('one', 'a', 'p')];
  graph.take(waiting, undefined);
  assert.deepEqual(knows(), [false, false, false, false]);
  graph.take(bound, waiting);
  assert.deepEqual(knows(), [true, false, false, true]);
  graph.take(debugged, bound);
  assert.deepEqual(knows(), [true, true, false, true]);
  graph.take(debugged, debugged);
  assert.deepEqual(knows(), [false, false, false, false]);
});

test('what a pod refers to is found wherever it stands, and in a mirror nowhere', () => {
  const spec: JsonObject = {
    imagePullSecrets: [{ name: 'pull' }], initContainers: [{ name: 'i', env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'key', key: 'k' } } }] }], containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'env' } }], env: [{ name: 'Y', valueFrom: { configMapKeyRef: { name: 'map', key: 'k' } } }] }],
    volumes: [{ name: 'p', projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'shown' } }] } }, { name: 'own', ephemeral: {} }],
  };
  assert.deepEqual(referencesOf(objectOf(pod('p', 'one', spec))).toSorted(), [
    'configmaps/a/map', 'configmaps/a/shown', 'persistentvolumeclaims/a/p-own', 'secrets/a/env', 'secrets/a/key', 'secrets/a/projected', 'secrets/a/pull', 'serviceaccounts/a/p-account',
  ]);
  const mirror = pod('p', 'one', spec);
  assert.deepEqual(referencesOf(objectOf({ ...mirror, metadata: { ...mirror['metadata'] as JsonObject, annotations: { 'kubernetes.io/config.mirror': '' } } })), []);
});

test('a node is who says so in name and group both', () => {
  assert.deepEqual([one, { ...one, groups: [] }, { ...one, name: 'system:node:' }, { name: 'one', groups: ['system:nodes'] }].map(nodeOfUser), ['one', undefined, undefined, undefined]);
});
