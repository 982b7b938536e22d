import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { kubectlScenarios } from './world/cluster.ts';

const cluster = kubectlScenarios('kubectl-apply-scenarios');
const { scenario, ok, kubectl, apply } = cluster;

function file(name: string, object: object): string {
  const path = `${cluster.daemon.directory}/${name}.json`;
  writeFileSync(path, JSON.stringify(object));
  return path;
}

const map = (name: string, data: Readonly<Record<string, string>>, labels?: Readonly<Record<string, string>>): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(labels === undefined ? {} : { labels }) }, data });
/** No pods: what is asked here is about the API. */
const deployment = (name: string, spec: object = {}): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas: 0, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'busybox' }] } }, ...spec },
});
const serverSide = (path: string, manager: string, ...more: readonly string[]): readonly string[] => ['apply', '--server-side', '--field-manager', manager, '-f', path, ...more];
const columns = (text: string): readonly string[] => text.split('\n')[0]!.trim().split(/\s{2,}/);

scenario('server-side apply makes, keeps and takes away what its manager names', () => {
  assert.match(ok(...serverSide(file('a', map('owned', { a: '1', b: '2' })), 'one')), /serverside-applied/);
  ok(...serverSide(file('b', map('owned', { c: '3' })), 'two'));
  ok(...serverSide(file('c', map('owned', { a: '1' })), 'one'));
  assert.equal(ok('get', 'configmap', 'owned', '-o', 'jsonpath={.data}'), '{"a":"1","c":"3"}');
  const fields = JSON.parse(ok('get', 'configmap', 'owned', '--show-managed-fields', '-o', 'jsonpath={.metadata.managedFields}')) as { manager: string; operation: string; fieldsV1: unknown }[];
  // Sorted by their times first, which are a second apart or not.
  assert.deepEqual(fields.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1]).sort(), [['one', 'Apply', { 'f:data': { 'f:a': {} } }], ['two', 'Apply', { 'f:data': { 'f:c': {} } }]]);
});

scenario('a conflict names the field and its owner, and force resolves it', () => {
  ok(...serverSide(file('d', deployment('fought')), 'one'));
  const path = file('e', deployment('fought', { replicas: 0, revisionHistoryLimit: 3, template: { metadata: { labels: { app: 'fought' } }, spec: { containers: [{ name: 'c', image: 'other' }] } } }));
  const refused = kubectl(...serverSide(path, 'two'));
  assert.notEqual(refused.code, 0);
  assert.match(refused.err, /Apply failed with 1 conflict: conflict with "one": \.spec\.template\.spec\.containers\[name="c"\]\.image/);
  ok(...serverSide(path, 'two', '--force-conflicts'));
  assert.equal(ok('get', 'deployment', 'fought', '-o', 'jsonpath={.spec.template.spec.containers[0].image} {.spec.revisionHistoryLimit}'), 'other 3');
});

scenario('an object of client-side apply goes over to the server side', () => {
  apply(map('moved', { a: '1', b: '2' }));
  ok(...serverSide(file('f', map('moved', { a: '1' })), 'kubectl'));
  assert.equal(ok('get', 'configmap', 'moved', '-o', 'jsonpath={.data}'), '{"a":"1"}');
});

scenario('a dry run says what would be, and diff shows it', () => {
  ok(...serverSide(file('g', map('tried', { a: '1' })), 'one'));
  const path = file('h', map('tried', { a: '2' }));
  ok(...serverSide(path, 'one', '--dry-run=server'));
  const difference = kubectl('diff', '--server-side', '--field-manager', 'one', '-f', path);
  assert.match(difference.out, /-\s+a: "1"\n\+\s+a: "2"/);
  assert.equal(ok('get', 'configmap', 'tried', '-o', 'jsonpath={.data.a}'), '1');
});

scenario('what is absent is filled in, and what is wrong is told by its path', () => {
  ok('create', '-f', file('i', deployment('filled')));
  assert.equal(ok('get', 'deployment', 'filled', '-o', 'jsonpath={.spec.strategy.rollingUpdate.maxSurge} {.spec.template.spec.containers[0].imagePullPolicy} {.spec.template.spec.restartPolicy}'), '25% Always Always');
  for (const [name, object, message] of [
    ['j', deployment('wrong', { selector: { matchLabels: { app: 'x' } } }), /The Deployment "wrong" is invalid: spec\.template\.metadata\.labels: Invalid value: .*`selector` does not match template `labels`/],
    ['k', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'wrong' }, spec: { containers: [{ name: 'UP', image: 'x' }] } }, /spec\.containers\[0\]\.name: Invalid value: "UP": a lowercase RFC 1123 label/],
    ['l', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'wrong' }, spec: { ports: [{ port: 0 }] } }, /spec\.ports\[0\]\.port: Invalid value: 0: must be between 1 and 65535, inclusive/],
    ['m', map('wrong', { 'a/b': '1' }), /data\[a\/b\]: Invalid value/],
    ['n', map('labelled', {}, { 'a b': 'c' }), /metadata\.labels: Invalid value: "a b": name part must consist of/],
  ] as const) {
    const { code, err } = kubectl('create', '--validate=false', '-f', file(name, object));
    assert.notEqual(code, 0, err);
    assert.match(err, message);
  }
});

scenario('what may not change is refused', () => {
  ok('create', '-f', file('o', deployment('fixed')));
  const changed = kubectl('patch', 'deployment', 'fixed', '--type=merge', '-p', '{"spec":{"selector":{"matchLabels":{"app":"other"}},"template":{"metadata":{"labels":{"app":"other"}}}}}');
  assert.match(changed.err, /spec\.selector: Invalid value: .*field is immutable/);
  ok('create', '-f', file('p', { ...map('frozen', { a: '1' }), immutable: true }));
  assert.match(kubectl('patch', 'configmap', 'frozen', '-p', '{"data":{"a":"2"}}').err, /field is immutable when `immutable` is set/);
});

scenario('tables have the columns that people know', () => {
  ok('create', '-f', file('q', deployment('shown')));
  ok('create', '-f', file('r', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shown' }, spec: { selector: { app: 'shown' }, ports: [{ port: 80 }] } }));
  ok('create', 'configmap', 'shown', '--from-literal=a=b');
  ok('create', 'secret', 'generic', 'shown', '--from-literal=a=b');
  ok('create', 'cronjob', 'shown', '--image=busybox', '--schedule=0 0 1 1 *');
  for (const [resource, expected] of [
    ['deployments', ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE', 'CONTAINERS', 'IMAGES', 'SELECTOR']],
    ['services', ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE', 'SELECTOR']],
    ['secrets', ['NAME', 'TYPE', 'DATA', 'AGE']],
    ['cronjobs', ['NAME', 'SCHEDULE', 'TIMEZONE', 'SUSPEND', 'ACTIVE', 'LAST SCHEDULE', 'AGE', 'CONTAINERS', 'IMAGES', 'SELECTOR']],
    ['nodes', ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION', 'INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME']],
    ['namespaces', ['NAME', 'STATUS', 'AGE']],
    ['configmaps', ['NAME', 'DATA', 'AGE']],
  ] as const) assert.deepEqual(columns(ok('get', resource, '-o', 'wide')), expected, resource);
  assert.match(ok('get', 'deployment', 'shown', '--no-headers'), /^shown\s+0\/0\s+0\s+0\s+\d+s$/);
  assert.match(ok('get', 'secret', 'shown', '--no-headers'), /^shown\s+Opaque\s+1\s+\d+s$/);
});
