import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { kubectlScenarios } from './world/cluster.ts';

const cluster = kubectlScenarios('kubectl-access-scenarios');
const { scenario, ok, kubectl, apply, until } = cluster;

/** A kubeconfig with a token and nothing else. */
function withToken(token: string): string {
  const config = JSON.parse(ok('config', 'view', '--raw', '-o', 'json')) as { users: object[] };
  const path = `${cluster.daemon.directory}/token.json`;
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'gantry-admin', user: { token } }] }), { mode: 0o600 });
  return path;
}

scenario('a user may do what his roles say, and is told what he may not', () => {
  ok('create', 'namespace', 'team');
  const refused = kubectl('get', 'pods', '-n', 'team', '--as', 'bob');
  assert.match(refused.err, /Error from server \(Forbidden\): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "team"/);
  ok('create', 'rolebinding', 'bob', '--clusterrole', 'view', '--user', 'bob', '-n', 'team');
  ok('get', 'pods', '-n', 'team', '--as', 'bob');
  assert.equal(ok('auth', 'can-i', 'list', 'deployments.apps', '-n', 'team', '--as', 'bob'), 'yes');
  assert.equal(kubectl('auth', 'can-i', 'get', 'secrets', '-n', 'team', '--as', 'bob').out.trim(), 'no');
  assert.match(ok('auth', 'can-i', '--list', '-n', 'team', '--as', 'bob'), /^deployments\.apps .*\[get list watch\]$/m);
  assert.match(ok('auth', 'whoami', '--as', 'bob', '--as-group', 'x'), /Username +bob\nGroups +\[x system:authenticated\]/);
  assert.match(kubectl('create', 'rolebinding', 'up', '--clusterrole', 'cluster-admin', '--user', 'bob', '-n', 'team', '--as', 'eve').err, /cannot create resource "rolebindings"/);
  ok('delete', 'namespace', 'team', '--wait=false');
});

scenario('a pod has the token of its service account, and is that account to the API', async () => {
  ok('create', 'serviceaccount', 'robot');
  ok('create', 'rolebinding', 'robot', '--clusterrole', 'view', '--serviceaccount', 'default:robot');
  const files = '/var/run/secrets/kubernetes.io/serviceaccount';
  apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'program' }, spec: { serviceAccountName: 'robot', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sleep', '1000'], securityContext: { runAsUser: 1000 } }] } });
  ok('wait', 'pod', 'program', '--for=condition=Ready', '--timeout=20s');
  const [space, certificate, token] = ok('exec', 'program', '--', 'sh', '-c', `cd ${files}; cat namespace; echo; cat ca.crt | head -1; cat token`).split('\n') as [string, string, string];
  assert.deepEqual([space, certificate], ['default', '-----BEGIN CERTIFICATE-----']);
  const as = ['--kubeconfig', withToken(token)];
  assert.match(ok('auth', 'whoami', ...as), /Username +system:serviceaccount:default:robot\n/);
  assert.equal(ok('get', 'pods', '-o', 'name', ...as), 'pod/program');
  assert.match(kubectl('get', 'secrets', ...as).err, /User "system:serviceaccount:default:robot" cannot list resource "secrets"/);
  ok('delete', 'pod', 'program', '--force', '--grace-period=0', '--wait=false');
  await until(() => kubectl('get', 'pods', ...as), ({ code, err }) => code !== 0 && err.includes('Unauthorized'));
  const fresh = ok('create', 'token', 'robot', '--duration', '10m');
  assert.equal(ok('auth', 'can-i', 'list', 'pods', '--kubeconfig', withToken(fresh)), 'yes');
  assert.match(kubectl('get', 'pods', '--kubeconfig', withToken(`${fresh}x`)).err, /Unauthorized/);
});

scenario('a namespace keeps its quota and its standard of security', async () => {
  ok('create', 'namespace', 'tight');
  ok('create', 'quota', 'few', '--hard=configmaps=2', '-n', 'tight');
  const used = (): string => ok('get', 'quota', 'few', '-n', 'tight', '-o', 'jsonpath={.status.used.configmaps}');
  await until(used, (count) => count === '1');
  ok('create', 'configmap', 'a', '-n', 'tight');
  assert.match(kubectl('create', 'configmap', 'b', '-n', 'tight').err, /configmaps "b" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=2, limited: configmaps=2/);
  ok('delete', 'configmap', 'a', '-n', 'tight');
  await until(used, (count) => count === '1');
  ok('label', 'namespace', 'tight', 'pod-security.kubernetes.io/enforce=baseline', 'pod-security.kubernetes.io/warn=restricted');
  assert.match(kubectl('run', 'p', '--image=busybox', '--privileged', '-n', 'tight').err, /pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged \(container "p" must not set securityContext\.privileged=true\)/);
  assert.match(kubectl('create', 'deployment', 'd', '--image=busybox', '--replicas=0', '-n', 'tight').err, /Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false/);
  ok('delete', 'namespace', 'tight', '--wait=false');
});
