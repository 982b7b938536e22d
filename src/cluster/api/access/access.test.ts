import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { Simulation } from '../_simulation.ts';
import type { User } from '../api-request.ts';
import { accessReviews } from './access-reviews.ts';
import { Authorizer } from './authorizer.ts';
import { bootstrapRoles } from './bootstrap-roles.ts';
import { escalationCheck } from './escalation-check.ts';
import { RequestGuard } from './request-guard.ts';
import { ROLE_RESOURCES } from './role-resolver.ts';
import { anonymous } from './users.ts';

const ROLES = '/apis/rbac.authorization.k8s.io/v1';
const admin: User = { name: 'root', groups: ['system:masters', 'system:authenticated'] };
const user = (name: string, ...groups: readonly string[]): User => ({ name, groups: [...groups, 'system:authenticated'] });
const role = (name: string, ...rules: readonly JsonObject[]): JsonObject => ({ metadata: { name }, rules: [...rules] });
const binding = (name: string, kind: string, of: string, ...users: readonly string[]): JsonObject => ({ metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: of }, subjects: users.map((each) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: each })) });
const rule = (verbs: string, group: string, resources: string): JsonObject => ({ verbs: verbs.split(' '), apiGroups: [group], resources: resources.split(' ') });

async function guarded(): Promise<Simulation> {
  const cluster = new Simulation(({ view, schemas }) => {
    const authorizer = new Authorizer(view);
    return { guard: new RequestGuard(authorizer), plugins: [escalationCheck(authorizer, view)], special: accessReviews(authorizer, schemas), reads: Object.values(ROLE_RESOURCES) };
  });
  await bootstrapRoles(cluster.objects, cluster.writer, cluster.registry);
  return cluster;
}

const give = async (cluster: Simulation, path: string, body: JsonObject): Promise<void> => assert.equal((await cluster.ask('POST', `${ROLES}/${path}`, body, { user: admin })).code, 201);
const message = ({ body }: { readonly body: JsonObject }): unknown => body['message'];

test('what no role allows is forbidden, in the words that people search for', async () => {
  const cluster = await guarded();
  const bob = user('bob');
  for (const [method, path, expected] of [
    ['GET', '/api/v1/namespaces/default/pods', 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"'],
    ['GET', '/api/v1/nodes', 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope'],
    ['GET', '/api/v1/namespaces/default/pods/web/log', 'pods "web" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "default"'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/web', 'deployments.apps "web" is forbidden: User "bob" cannot patch resource "deployments" in API group "apps" in the namespace "a"'],
    ['DELETE', '/api/v1/namespaces/a/secrets', 'secrets is forbidden: User "bob" cannot deletecollection resource "secrets" in API group "" in the namespace "a"'],
    ['GET', '/metrics', 'forbidden: User "bob" cannot get path "/metrics"'],
    ['GET', '/api/v1/namespaces/a', 'namespaces "a" is forbidden: User "bob" cannot get resource "namespaces" in API group "" in the namespace "a"'],
  ] as const) {
    const answer = await cluster.ask(method, path, undefined, { user: bob });
    assert.deepEqual([answer.code, answer.body['reason'], message(answer)], [403, 'Forbidden', expected], path);
  }
  assert.equal((await cluster.ask('GET', '/apis', undefined, { user: bob })).code, 200, 'discovery is for everybody who is known');
  assert.equal((await cluster.ask('GET', '/version', undefined, { user: anonymous })).code, 200);
  assert.equal(message(await cluster.ask('GET', '/apis', undefined, { user: anonymous })), 'forbidden: User "system:anonymous" cannot get path "/apis"');
});

test('a role in a namespace is of no use in another, one of the cluster is in all', async () => {
  const cluster = await guarded();
  await give(cluster, 'clusterroles', role('reader', rule('get list', '', 'pods'), rule('get', '', 'pods/log')));
  await give(cluster, 'namespaces/a/rolebindings', binding('bob-reads', 'ClusterRole', 'reader', 'bob'));
  await give(cluster, 'clusterrolebindings', binding('eve-reads', 'ClusterRole', 'reader', 'eve'));
  const codes = async (name: string): Promise<number[]> => await Promise.all(['/api/v1/namespaces/a/pods', '/api/v1/namespaces/b/pods', '/api/v1/pods', '/api/v1/namespaces/a/pods?watch=1'].map(async (path) => (await cluster.ask('GET', path, undefined, { user: user(name) })).code));
  assert.deepEqual(await codes('bob'), [200, 403, 403, 403]);
  assert.deepEqual(await codes('eve'), [200, 200, 200, 403]);
});

test('names, subresources and stars of a rule mean what upstream says', async () => {
  const cluster = await guarded();
  await give(cluster, 'clusterroles', role('mixed', { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'] }, rule('update', '*', '*/scale'), { verbs: ['get'], nonResourceURLs: ['/logs/*'] }));
  await give(cluster, 'clusterrolebindings', binding('mixed', 'ClusterRole', 'mixed', 'bob'));
  const may = (verb: string, resource: string, more: JsonObject = {}): Promise<unknown> => cluster.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: { verb, resource, namespace: 'a', ...more } } }, { user: user('bob') }).then(({ body }) => (body['status'] as JsonObject)['allowed']);
  assert.deepEqual(await Promise.all([
    may('get', 'configmaps', { name: 'one' }), may('get', 'configmaps', { name: 'two' }), may('get', 'configmaps'), may('update', 'deployments', { group: 'apps', subresource: 'scale' }), may('update', 'deployments', { group: 'apps' }), may('get', 'configmaps', { name: 'one', subresource: 'status' }),
  ]), [true, false, false, true, false, false]);
  assert.equal((await cluster.ask('GET', '/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%3Done', undefined, { user: user('bob') })).code, 403, 'to list is another verb');
  assert.equal((await cluster.ask('GET', '/logs/a', undefined, { user: user('bob') })).code, 404);
});

test('S-914: nobody gives what he does not have', async () => {
  const cluster = await guarded();
  await give(cluster, 'namespaces/a/rolebindings', binding('bob', 'ClusterRole', 'system:aggregate-to-admin', 'bob'));
  const refused = await cluster.ask('POST', `${ROLES}/namespaces/a/roles`, role('more', rule('get list', '', 'secrets')), { user: user('bob') });
  assert.equal(message(refused), 'roles.rbac.authorization.k8s.io "more" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}');
  assert.equal((await cluster.ask('POST', `${ROLES}/namespaces/a/roles`, role('less', rule('get', 'rbac.authorization.k8s.io', 'roles')), { user: user('bob') })).code, 201);
  assert.equal((await cluster.ask('POST', `${ROLES}/namespaces/a/rolebindings`, binding('up', 'ClusterRole', 'cluster-admin', 'bob'), { user: user('bob') })).code, 403);
  assert.equal((await cluster.ask('POST', `${ROLES}/namespaces/a/rolebindings`, binding('same', 'Role', 'less', 'eve'), { user: user('bob') })).code, 201);
  await give(cluster, 'clusterroles', role('binder', { verbs: ['bind'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: ['cluster-admin'] }));
  await give(cluster, 'namespaces/a/rolebindings', binding('bob-binds', 'ClusterRole', 'binder', 'bob'));
  assert.equal((await cluster.ask('POST', `${ROLES}/namespaces/a/rolebindings`, binding('up', 'ClusterRole', 'cluster-admin', 'bob'), { user: user('bob') })).code, 201);
});

test('S-903: a stream into a pod needs the right to create it, whatever method opens it', async () => {
  const cluster = await guarded();
  await give(cluster, 'clusterroles', role('looks', rule('get list watch', '', 'pods pods/exec pods/attach pods/portforward pods/log')));
  await give(cluster, 'clusterrolebindings', binding('looks', 'ClusterRole', 'looks', 'bob'));
  for (const [stream, code] of [['exec', 403], ['attach', 403], ['portforward', 403], ['log', 404]] as const) {
    assert.equal((await cluster.ask('GET', `/api/v1/namespaces/a/pods/p/${stream}`, undefined, { user: user('bob') })).code, code, stream);
  }
});

test('S-914: one who may impersonate is seen as the other, and only as whom he may', async () => {
  const cluster = await guarded();
  await give(cluster, 'clusterroles', role('act', { verbs: ['impersonate'], apiGroups: [''], resources: ['users'], resourceNames: ['eve'] }));
  await give(cluster, 'clusterrolebindings', binding('act', 'ClusterRole', 'act', 'bob'));
  const as = (name: string, groups: readonly string[] = []): Promise<{ readonly code: number; readonly body: JsonObject }> => cluster.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { user: user('bob'), impersonation: { name, uid: '', groups, extra: new Map() } });
  assert.deepEqual((await as('eve')).body['status'], { userInfo: { username: 'eve', groups: ['system:authenticated'] } });
  assert.equal(message(await as('root')), 'users "root" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope');
  assert.equal(message(await as('eve', ['system:masters'])), 'groups "system:masters" is forbidden: User "bob" cannot impersonate resource "groups" in API group "" at the cluster scope');
  assert.equal((await as('', ['system:masters'])).code, 400);
});

test('reviews answer for oneself, for others, and with all that one may', async () => {
  const cluster = await guarded();
  await give(cluster, 'namespaces/a/rolebindings', binding('bob', 'ClusterRole', 'system:aggregate-to-view', 'bob'));
  const rules = (await cluster.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'a' } }, { user: user('bob') })).body['status'] as { resourceRules: JsonObject[]; nonResourceRules: JsonObject[] };
  assert.ok(rules.resourceRules.some(({ resources }) => (resources as string[]).includes('pods')) && rules.nonResourceRules.length > 0);
  const about = { user: 'bob', groups: ['x'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'a' } };
  const asked = await cluster.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: about }, { user: admin });
  assert.deepEqual(asked.body['status'], { allowed: true, reason: 'RBAC: allowed by RoleBinding "bob/a" of ClusterRole "system:aggregate-to-view" to User "bob"' });
  assert.equal((await cluster.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: about }, { user: user('bob') })).code, 403);
  assert.equal((await cluster.ask('POST', '/apis/authorization.k8s.io/v1/namespaces/b/localsubjectaccessreviews', { spec: about }, { user: admin })).code, 400);
  assert.equal((await cluster.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: { user: 'bob' } }, { user: admin })).code, 422);
});

test('a default role that lost something has it again, and keeps what it was given', async () => {
  const cluster = await guarded();
  const path = `${ROLES}/clusterroles/system:basic-user`;
  const { body } = await cluster.ask('GET', path, undefined, { user: admin });
  const own = rule('get', 'example.com', 'things');
  await cluster.ask('PUT', path, { ...body, rules: [own] }, { user: admin });
  await bootstrapRoles(cluster.objects, cluster.writer, cluster.registry);
  const rules = (await cluster.ask('GET', path, undefined, { user: admin })).body['rules'] as JsonObject[];
  assert.deepEqual({ ...rules[0] }, own);
  assert.equal(rules.length, 4);
});
