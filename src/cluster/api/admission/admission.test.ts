import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { Simulation } from '../_simulation.ts';
import { defaultTolerations } from './default-tolerations.ts';
import { limitRanger } from './limit-ranger.ts';
import { podResources } from './pod-resources.ts';
import { priorityAdmission } from './priority.ts';
import { RUNTIME_CLASSES, runtimeClassAdmission } from './runtime-class.ts';
import { quotaStatus, resourceQuota } from './resource-quota.ts';
import { serviceAccountAdmission } from './service-account.ts';

const PODS = '/api/v1/namespaces/a/pods';
const container = (resources: JsonObject = {}, more: JsonObject = {}): JsonObject => ({ name: 'c', image: 'x', resources, ...more });
const pod = (name: string, spec: JsonObject = {}): JsonObject => ({ metadata: { name }, spec: { containers: [container()], ...spec } });
const message = ({ body }: { readonly body: JsonObject }): unknown => body['message'];
const specOf = ({ body }: { readonly body: JsonObject }): JsonObject => body['spec'] as JsonObject;

function world(): Simulation {
  const cluster: Simulation = new Simulation(({ view, clock }) => ({
    plugins: [
      limitRanger(view), serviceAccountAdmission({ view, timers: clock, random: new SeededRandom(1) }), priorityAdmission(view), runtimeClassAdmission(view), defaultTolerations, podResources,
      resourceQuota({ view, charge: async ({ metadata }, mutation, dryRun) => void await cluster.writer.update(cluster.registry.find('', 'v1', 'resourcequotas')!, metadata.namespace, metadata.name, 'status', mutation, { dryRun, user: 'x' }) }),
    ],
    reads: ['limitranges', 'serviceaccounts', 'resourcequotas', 'scheduling.k8s.io/priorityclasses', RUNTIME_CLASSES],
  }), rulesOf);
  return cluster;
}

async function withAccount(more: JsonObject = {}): Promise<Simulation> {
  const cluster = world();
  await cluster.ask('POST', '/api/v1/namespaces/a/serviceaccounts', { metadata: { name: 'default' }, ...more });
  return cluster;
}

test('a pod gets its account and the token, where nothing else is mounted there', async () => {
  const cluster = await withAccount({ imagePullSecrets: [{ name: 'keys' }] });
  const spec = specOf(await cluster.ask('POST', PODS, pod('p', { initContainers: [container({}, { name: 'i', volumeMounts: [{ name: 'v', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] })], volumes: [{ name: 'v', emptyDir: {} }] })));
  const [, volume] = spec['volumes'] as JsonObject[];
  assert.deepEqual([spec['serviceAccountName'], spec['serviceAccount'], spec['imagePullSecrets']], ['default', 'default', [{ name: 'keys' }]]);
  assert.match(String(volume?.['name']), /^kube-api-access-[a-z0-9]{5}$/);
  const mounts = ['initContainers', 'containers'].map((list) => (spec[list] as JsonObject[]).flatMap((each) => each['volumeMounts'] as JsonObject[]).map(({ name }) => name));
  assert.deepEqual(mounts, [['v'], [volume?.['name']]]);
  assert.equal(specOf(await cluster.ask('POST', PODS, pod('none', { automountServiceAccountToken: false })))['volumes'], undefined);
  assert.equal(message(await cluster.ask('POST', PODS, pod('lost', { serviceAccountName: 'nobody' }))), 'pods "lost" is forbidden: error looking up service account a/nobody: serviceaccount "nobody" not found');
});

test('a pod that says nothing of nodes out of reach stays five minutes', async () => {
  const cluster = await withAccount();
  const tolerations = specOf(await cluster.ask('POST', PODS, pod('p', { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }] })))['tolerations'] as JsonObject[];
  assert.deepEqual(tolerations.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]), [['node.kubernetes.io/not-ready', 5], ['node.kubernetes.io/unreachable', 300]]);
});

test('a pod has what its runtime class adds, and none that is not there', async () => {
  const cluster = await withAccount();
  await cluster.ask('POST', '/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name: 'boxed' }, handler: 'boxed', overhead: { podFixed: { cpu: '10m' } }, scheduling: { nodeSelector: { box: 'yes' }, tolerations: [{ key: 'box', operator: 'Exists' }] } });
  const made = specOf(await cluster.ask('POST', PODS, pod('in', { runtimeClassName: 'boxed', nodeSelector: { disk: 'ssd' } })));
  assert.deepEqual(JSON.parse(JSON.stringify([made['overhead'], made['nodeSelector'], (made['tolerations'] as JsonObject[])[0]])), [{ cpu: '10m' }, { disk: 'ssd', box: 'yes' }, { key: 'box', operator: 'Exists' }]);
  const refusal = async (more: JsonObject): Promise<unknown> => message(await cluster.ask('POST', PODS, pod('x', more)));
  assert.equal(await refusal({ runtimeClassName: 'none' }), 'pods "x" is forbidden: pod rejected: RuntimeClass "none" not found');
  assert.equal(await refusal({ overhead: { cpu: '1' } }), 'pods "x" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  assert.equal(await refusal({ runtimeClassName: 'boxed', nodeSelector: { box: 'no' } }), 'pods "x" is forbidden: pod rejected: conflict: runtimeClass.scheduling.nodeSelector[box] = yes; pod.spec.nodeSelector[box] = no');
});

test('the priority of a pod is the number of its class, and no other', async () => {
  const cluster = await withAccount();
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
  assert.equal(specOf(await cluster.ask('POST', PODS, pod('zero')))['priority'], 0);
  await cluster.ask('POST', classes, { metadata: { name: 'high' }, value: 100, preemptionPolicy: 'Never' });
  await cluster.ask('POST', classes, { metadata: { name: 'usual' }, value: 7, globalDefault: true });
  const high = specOf(await cluster.ask('POST', PODS, pod('high', { priorityClassName: 'high' })));
  assert.deepEqual([high['priority'], high['preemptionPolicy']], [100, 'Never']);
  const usual = specOf(await cluster.ask('POST', PODS, pod('usual')));
  assert.deepEqual([usual['priority'], usual['priorityClassName']], [7, 'usual']);
  assert.equal(message(await cluster.ask('POST', PODS, pod('x', { priorityClassName: 'none' }))), 'pods "x" is forbidden: no PriorityClass with name none was found');
  assert.match(String(message(await cluster.ask('POST', PODS, pod('x', { priority: 9 })))), /the integer value of priority \(9\) must not be provided in pod spec; priority admission controller computed 7/);
  assert.match(String(message(await cluster.ask('POST', classes, { metadata: { name: 'second' }, value: 1, globalDefault: true }))), /PriorityClass usual is already marked as default/);
  assert.match(String(message(await cluster.ask('POST', classes, { metadata: { name: 'system-mine' }, value: 1 }))), /metadata\.name: Forbidden: priority class names with 'system-' prefix/);
  assert.match(String(message(await cluster.ask('POST', classes, { metadata: { name: 'top' }, value: 1_000_000_001 }))), /value: Forbidden: maximum allowed value of a user defined priority is 1000000000/);
});

test('a namespace gives containers what they do not say, and bounds what they do', async () => {
  const cluster = await withAccount();
  await cluster.ask('POST', '/api/v1/namespaces/a/limitranges', {
    metadata: { name: 'bounds' }, spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, min: { cpu: '50m' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '10' } }, { type: 'Pod', max: { memory: '1Gi' } }, { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }] },
  });
  const made = await cluster.ask('POST', PODS, pod('filled', { containers: [container({ limits: { memory: '1Gi' } })] }));
  assert.deepEqual(JSON.parse(JSON.stringify((specOf(made)['containers'] as JsonObject[])[0]?.['resources'])), { limits: { memory: '1Gi', cpu: '500m' }, requests: { memory: '1Gi', cpu: '100m' } });
  assert.equal(((made.body['metadata'] as JsonObject)['annotations'] as JsonObject)['kubernetes.io/limit-ranger'], 'LimitRanger plugin set: cpu request for container c; cpu limit for container c');
  const refused = async (resources: JsonObject): Promise<unknown> => message(await cluster.ask('POST', PODS, pod('x', { containers: [container(resources)] })));
  assert.equal(await refused({ limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } }), 'pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2');
  assert.equal(await refused({ limits: { cpu: '100m', memory: '2Gi' }, requests: { cpu: '10m' } }), 'pods "x" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, maximum memory usage per Pod is 1Gi, but limit is 2Gi]');
  assert.equal(await refused({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '50m' } }), 'pods "x" is forbidden: cpu max limit to request ratio per Container is 10, but provided ratio is 20.000000');
  assert.equal(await refused({ limits: { cpu: '500m' } }), 'pods "x" is forbidden: maximum memory usage per Pod is 1Gi.  No limit is specified');
  const claim = await cluster.ask('POST', '/api/v1/namespaces/a/persistentvolumeclaims', { metadata: { name: 'x' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } } });
  assert.equal(message(claim), 'persistentvolumeclaims "x" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi');
});

async function quotaOf(hard: JsonObject, more: JsonObject = {}): Promise<Simulation> {
  const cluster = await withAccount();
  await cluster.ask('POST', '/api/v1/namespaces/a/resourcequotas', { metadata: { name: 'q' }, spec: { hard, ...more } });
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  await cluster.ask('PATCH', '/api/v1/namespaces/a/resourcequotas/q/status', { status: { hard, used } }, { type: 'application/merge-patch+json' });
  return cluster;
}

const usedOf = async (cluster: Simulation): Promise<unknown> => ({ ...(((await cluster.ask('GET', '/api/v1/namespaces/a/resourcequotas/q')).body['status'] as JsonObject)['used'] as JsonObject) });

test('a quota counts what is made, and refuses what would be too much', async () => {
  const cluster = await quotaOf({ pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/deployments.apps': '1' });
  const asking = (name: string, cpu: string, memory = '256Mi'): JsonObject => pod(name, { containers: [container({ requests: { cpu }, limits: { memory } })] });
  assert.equal((await cluster.ask('POST', `${PODS}?dryRun=All`, asking('tried', '1'))).code, 201);
  assert.equal((await cluster.ask('POST', PODS, asking('one', '600m'))).code, 201);
  assert.deepEqual(await usedOf(cluster), { pods: '1', 'requests.cpu': '600m', 'limits.memory': '256Mi', 'count/deployments.apps': '0' });
  assert.equal(message(await cluster.ask('POST', PODS, asking('two', '500m', '1Gi'))), 'pods "two" is forbidden: exceeded quota: q, requested: limits.memory=1Gi,requests.cpu=500m, used: limits.memory=256Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1');
  assert.equal(message(await cluster.ask('POST', PODS, pod('vague'))), 'pods "vague" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c');
  assert.equal((await cluster.ask('POST', PODS, { ...asking('Wrong_Name', '100m') })).code, 422);
  assert.equal((await cluster.ask('POST', PODS, asking('two', '400m'))).code, 201, 'what was refused for another reason was not counted');
  assert.match(String(message(await cluster.ask('POST', PODS, asking('three', '0')))), /exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2/);
});

test('many that come at once do not get more than there is', async () => {
  const cluster = await quotaOf({ configmaps: '3' });
  const codes = await Promise.all(Array.from({ length: 8 }, async (_, index) => (await cluster.ask('POST', '/api/v1/namespaces/a/configmaps', { metadata: { name: `m${index}` } })).code));
  assert.deepEqual(codes.toSorted(), [201, 201, 201, 403, 403, 403, 403, 403]);
});

test('a quota with a scope counts pods of that scope, and a count from anew leaves out those that are over', async () => {
  const cluster = await quotaOf({ pods: '1' }, { scopes: ['Terminating'] });
  for (const [name, spec] of [['runs', {}], ['ends', { activeDeadlineSeconds: 5 }]] as const) assert.equal((await cluster.ask('POST', PODS, pod(name, spec))).code, 201);
  assert.equal((await cluster.ask('POST', PODS, pod('late', { activeDeadlineSeconds: 5 }))).code, 403);
  const of = cluster.registry.find('', 'v1', 'pods')!;
  const quota = await cluster.objects.get(cluster.registry.find('', 'v1', 'resourcequotas')!, 'a', 'q');
  const objects = async (): Promise<{ readonly of: typeof of; readonly object: Awaited<ReturnType<typeof cluster.objects.get>> }[]> => (await cluster.objects.list(of, 'a')).items.map((object) => ({ of, object }));
  assert.deepEqual(quotaStatus(quota, await objects()), { hard: { pods: '1' }, used: { pods: '1' } });
  await cluster.ask('PATCH', `${PODS}/ends/status`, { status: { phase: 'Succeeded' } }, { type: 'application/merge-patch+json' });
  assert.deepEqual(quotaStatus(quota, await objects()).used, { pods: '0' });
});

test('a pod that bounds itself as a whole is told that nobody holds it to that', async () => {
  const cluster = await withAccount();
  const warnings = async (resources: JsonObject): Promise<readonly string[]> => {
    const answer = await cluster.send('POST', PODS, pod(`p${JSON.stringify(resources).length}`, { resources }));
    return answer.kind === 'json' ? answer.warnings ?? [] : [];
  };
  assert.match((await warnings({ limits: { memory: '1Gi' } }))[0] ?? '', /^spec\.resources: .* not enforced/);
  assert.deepEqual(await warnings({}), []);
});
