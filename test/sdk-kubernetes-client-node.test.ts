import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { SdkScenarios } from './sdk/ratchet.ts';
import { whyNoImage } from './world/busybox.ts';
import { ClusterDaemon } from './world/cluster-daemon.ts';
import { eventually } from './world/waiting.ts';

/* The JavaScript client of Kubernetes, unmodified, against a cluster of ours. */

const namespace = 'default';
const SERVE = 'mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www';

describe('@kubernetes/client-node', { skip: whyNoImage() ?? false }, () => {
  let cluster: ClusterDaemon;
  const config = new k8s.KubeConfig();
  let core: k8s.CoreV1Api;
  let apps: k8s.AppsV1Api;
  let objects: k8s.KubernetesObjectApi;

  before(async () => {
    cluster = await ClusterDaemon.start();
    config.loadFromFile(cluster.kubeconfig);
    core = config.makeApiClient(k8s.CoreV1Api);
    apps = config.makeApiClient(k8s.AppsV1Api);
    objects = k8s.KubernetesObjectApi.makeApiClient(config);
  });

  after(async () => {
    await cluster?.destroy();
  });

  const scenarios = new SdkScenarios('kubernetes-client-node-scenarios', {
    timeoutMs: 60_000,
    cleanUp: async () => {
      await apps.deleteCollectionNamespacedDeployment({ namespace });
      await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 });
    },
  });
  const scenario = scenarios.scenario.bind(scenarios);

  const map = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): k8s.V1ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data });
  const refusal = (code: number, reason: string) => (thrown: unknown): boolean => {
    assert.ok(thrown instanceof k8s.ApiException, String(thrown));
    const status = (typeof thrown.body === 'string' ? JSON.parse(thrown.body) : thrown.body) as k8s.V1Status;
    assert.deepEqual([thrown.code, status.reason, status.code], [code, reason, code]);
    return true;
  };
  const as = (strategy: k8s.PatchStrategy): ReturnType<typeof k8s.setHeaderOptions> => k8s.setHeaderOptions('Content-Type', strategy);

  async function runningPod(name: string, script: string, more: Partial<k8s.V1Container> = {}): Promise<void> {
    await core.createNamespacedPod({ namespace, body: { metadata: { name, labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script], ...more }] } } });
    await eventually(`${name} runs`, () => core.readNamespacedPod({ namespace, name }), ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true);
  }

  interface Outcome { readonly out: string; readonly err: string; readonly status: k8s.V1Status }

  async function exec(pod: string, command: readonly string[], input?: string, tty = false): Promise<Outcome> {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const texts = Promise.all([text(out), text(err)]);
    const stdin = input === undefined ? null : new PassThrough();
    const status = await new Promise<k8s.V1Status>((resolve, reject) => {
      new k8s.Exec(config).exec(namespace, pod, 'c', [...command], out, tty ? null : err, stdin, tty, resolve).then(() => void stdin?.end(input), reject);
    });
    err.end();
    const [outText, errText] = await texts;
    return { out: outText, err: errText, status };
  }

  scenario('objects are made, read, listed in pages, replaced and deleted, and refusals are statuses', async () => {
    const made = await core.createNamespacedConfigMap({ namespace, body: map('one', { a: '1' }, { set: 'crud' }) });
    assert.ok(made.metadata?.creationTimestamp instanceof Date);
    await assert.rejects(core.createNamespacedConfigMap({ namespace, body: map('one', {}) }), refusal(409, 'AlreadyExists'));
    await core.createNamespacedConfigMap({ namespace, body: map('two', {}, { set: 'crud' }) });
    const first = await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=crud', limit: 1 });
    const rest = await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=crud', limit: 1, _continue: first.metadata?._continue as string });
    assert.deepEqual([...first.items, ...rest.items].map(({ metadata }) => metadata?.name), ['one', 'two']);
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'one', body: { ...made, data: { a: '2' } } });
    assert.notEqual(replaced.metadata?.resourceVersion, made.metadata.resourceVersion);
    await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: 'one', body: { ...made, data: { a: '3' } } }), refusal(409, 'Conflict'));
    await assert.rejects(core.createNamespacedConfigMap({ namespace, body: map('Not_A_Name', {}) }), refusal(422, 'Invalid'));
    assert.deepEqual((await core.createNamespacedConfigMap({ namespace, dryRun: 'All', body: map('dry', {}) })).metadata?.name, 'dry');
    await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'dry' }), refusal(404, 'NotFound'));
    await core.deleteNamespacedConfigMap({ namespace, name: 'one' });
    await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'set=crud' });
    assert.deepEqual((await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=crud' })).items, []);
  });

  scenario('the four kinds of patch do what each does', async () => {
    const container = (name: string, image: string): k8s.V1Container => ({ name, image });
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'patched' }, spec: { replicas: 0, selector: { matchLabels: { app: 'p' } }, template: { metadata: { labels: { app: 'p' } }, spec: { containers: [container('a', 'one')] } } } } });
    const patch = (body: object, strategy: k8s.PatchStrategy, more: object = {}): Promise<k8s.V1Deployment> => apps.patchNamespacedDeployment({ namespace, name: 'patched', body, ...more }, as(strategy));
    const images = ({ spec }: k8s.V1Deployment): string[] | undefined => spec?.template.spec?.containers.map(({ name, image }) => `${name} ${image}`);
    assert.deepEqual(images(await patch([{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'two' }], k8s.PatchStrategy.JsonPatch)), ['a two']);
    assert.deepEqual(images(await patch({ spec: { template: { spec: { containers: [container('b', 'three')] } } } }, k8s.PatchStrategy.StrategicMergePatch)), ['b three', 'a two'], 'lists are merged by name');
    assert.deepEqual(images(await patch({ spec: { template: { spec: { containers: [container('c', 'four')] } } } }, k8s.PatchStrategy.MergePatch)), ['c four'], 'lists are replaced');
    const applied = await patch({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'patched', labels: { by: 'apply' } } }, k8s.PatchStrategy.ServerSideApply, { fieldManager: 'test' });
    assert.deepEqual([applied.metadata?.labels?.['by'], images(applied)], ['apply', ['c four']]);
    await assert.rejects(patch([{ op: 'test', path: '/spec/replicas', value: 9 }], k8s.PatchStrategy.JsonPatch), refusal(422, 'Invalid'));
  });

  scenario('any object is applied, owned, read, listed and deleted without a class of its own', async () => {
    const { ServerSideApply } = k8s.PatchStrategy;
    const apply = (data: Record<string, string>, manager: string, force = false): Promise<k8s.V1ConfigMap> => objects.patch(map('owned', data), undefined, undefined, manager, force, ServerSideApply);
    await apply({ a: '1', b: '1' }, 'one');
    await apply({ c: '2' }, 'two');
    await assert.rejects(apply({ a: '2' }, 'two'), refusal(409, 'Conflict'));
    assert.deepEqual((await apply({ a: '2' }, 'two', true)).data, { a: '2', b: '1' }, 'what it does not say any more goes');
    assert.deepEqual((await apply({ b: '1' }, 'one')).data, { a: '2', b: '1' });
    const read = await objects.read<k8s.V1ConfigMap>({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned', namespace } });
    assert.deepEqual(read.metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`).sort(), ['one Apply', 'two Apply']);
    const documents = k8s.loadAllYaml('apiVersion: v1\nkind: Namespace\nmetadata: {name: loaded}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: reader, namespace: loaded}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n') as k8s.KubernetesObject[];
    for (const document of documents) await objects.create(document as Parameters<typeof objects.create>[0]);
    assert.deepEqual((await objects.list('rbac.authorization.k8s.io/v1', 'Role', 'loaded')).items.map(({ metadata }) => metadata?.name), ['reader']);
    for (const document of [map('owned', {}), ...documents.toReversed()]) await objects.delete(document as Parameters<typeof objects.delete>[0]);
    await eventually('the namespace goes', () => core.listNamespace(), ({ items }) => items.every(({ metadata }) => metadata?.name !== 'loaded'));
  });

  scenario('a watch tells every change from a version on, and what the selector lets go', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    await core.createNamespacedConfigMap({ namespace, body: map('seen', { n: '1' }, { watched: 'yes' }) });
    const told: string[] = [];
    const watching = await new k8s.Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion: metadata?.resourceVersion, labelSelector: 'watched=yes' }, (phase, object: k8s.V1ConfigMap) => void told.push(`${phase} ${object.data?.['n']}`), () => {});
    const set = (patch: object): Promise<unknown> => core.patchNamespacedConfigMap({ namespace, name: 'seen', body: patch }, as(k8s.PatchStrategy.MergePatch));
    await set({ data: { n: '2' } });
    await set({ metadata: { labels: { watched: 'no' } } });
    await set({ metadata: { labels: { watched: 'yes' } }, data: { n: '3' } });
    await core.deleteNamespacedConfigMap({ namespace, name: 'seen' });
    await eventually('five changes', () => told.length, (count) => count >= 5);
    watching.abort();
    assert.deepEqual(told, ['ADDED 1', 'MODIFIED 2', 'DELETED 2', 'ADDED 3', 'DELETED 3']);
  });

  scenario('an informer misses nothing across a crash of the server', async () => {
    const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () => core.listNamespacedConfigMap({ namespace }), 'informed=yes');
    const told: string[] = [];
    let isOver = false;
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, ({ metadata, data }) => void told.push(`${verb} ${metadata?.name} ${data?.['n']}`));
    informer.on('error', () => void setTimeout(() => isOver ? undefined : void informer.start(), 50));
    await core.createNamespacedConfigMap({ namespace, body: map('kept', { n: '1' }, { informed: 'yes' }) });
    await informer.start();
    await eventually('it is known', () => informer.get('kept', namespace), (known) => known !== undefined);
    await cluster.restart();
    await core.createNamespacedConfigMap({ namespace, body: map('later', { n: '1' }, { informed: 'yes' }) });
    await core.patchNamespacedConfigMap({ namespace, name: 'kept', body: { data: { n: '2' } } }, as(k8s.PatchStrategy.MergePatch));
    await core.deleteNamespacedConfigMap({ namespace, name: 'later' });
    await eventually('all is told', () => told.at(-1), (last) => last === 'delete later 1');
    isOver = true;
    await informer.stop();
    assert.deepEqual(told.filter((line) => line.includes(' kept ')), ['add kept 1', 'update kept 2']);
    await core.deleteNamespacedConfigMap({ namespace, name: 'kept' });
  });

  scenario('objects of a kind of the user’s own', async () => {
    const definitions = config.makeApiClient(k8s.ApiextensionsV1Api);
    const custom = config.makeApiClient(k8s.CustomObjectsApi);
    const schema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 }, mode: { type: 'string', _default: 'slow' } } }, status: { type: 'object', properties: { seen: { type: 'integer' } } } } };
    await definitions.createCustomResourceDefinition({ body: { metadata: { name: 'pumps.example.org' }, spec: { group: 'example.org', scope: 'Namespaced', names: { plural: 'pumps', kind: 'Pump' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources: { status: {} } }] } } });
    await eventually('it is served', () => definitions.readCustomResourceDefinition({ name: 'pumps.example.org' }), ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true);
    const of = { group: 'example.org', version: 'v1', namespace, plural: 'pumps' };
    interface Pump { readonly spec: { readonly size: number; readonly mode: string }; readonly status?: { readonly seen: number } }
    const made = await custom.createNamespacedCustomObject({ ...of, body: { apiVersion: 'example.org/v1', kind: 'Pump', metadata: { name: 'p' }, spec: { size: 2 } } }) as Pump;
    assert.deepEqual(made.spec, { size: 2, mode: 'slow' });
    await assert.rejects(custom.createNamespacedCustomObject({ ...of, body: { apiVersion: 'example.org/v1', kind: 'Pump', metadata: { name: 'q' }, spec: { size: 0 } } }), refusal(422, 'Invalid'));
    const patched = await custom.patchNamespacedCustomObject({ ...of, name: 'p', body: { spec: { size: 3 } } }, as(k8s.PatchStrategy.MergePatch)) as Pump;
    assert.equal(patched.spec.size, 3);
    const told = await custom.patchNamespacedCustomObjectStatus({ ...of, name: 'p', body: { status: { seen: 3 }, spec: { size: 9 } } }, as(k8s.PatchStrategy.MergePatch)) as Pump;
    assert.deepEqual([told.spec.size, told.status], [3, { seen: 3 }]);
    assert.equal(((await custom.listNamespacedCustomObject(of)) as { items: unknown[] }).items.length, 1);
    await custom.deleteNamespacedCustomObject({ ...of, name: 'p' });
    await definitions.deleteCustomResourceDefinition({ name: 'pumps.example.org' });
  });

  scenario('exec has streams, input, exit codes and a terminal; files are copied both ways; attach hears and speaks', async () => {
    await runningPod('shell', 'while read line; do echo "heard $line"; done', { stdin: true });
    assert.deepEqual(await exec('shell', ['sh', '-c', 'echo out; echo err >&2']), { out: 'out\n', err: 'err\n', status: { metadata: {}, status: 'Success' } });
    const failed = await exec('shell', ['sh', '-c', 'exit 7']);
    assert.deepEqual([failed.status.status, failed.status.reason, failed.status.details?.causes], ['Failure', 'NonZeroExitCode', [{ reason: 'ExitCode', message: '7' }]]);
    assert.equal((await exec('shell', ['wc', '-c'], 'x'.repeat(200_000))).out.trim(), '200000');
    assert.match((await exec('shell', ['tty'], undefined, true)).out, /^\/dev\/pts\/\d+\r\n$/);

    const place = `${cluster.daemon.directory}/copied`;
    mkdirSync(`${place}/in/below`, { recursive: true });
    writeFileSync(`${place}/in/below/file`, 'carried');
    const copies = new k8s.Cp(config);
    await copies.cpToPod(namespace, 'shell', 'c', `${place}/in`, '/tmp');
    await eventually('it is there', async () => (await exec('shell', ['cat', '/tmp/below/file'])).out, (there) => there === 'carried');
    await copies.cpFromPod(namespace, 'shell', 'c', 'below', `${place}/out`, '/tmp');
    const copied = (): string => {
      try {
        return readFileSync(`${place}/out/below/file`, 'utf8');
      } catch {
        return '';
      }
    };
    await eventually('it is back', copied, (back) => back === 'carried');

    const [input, output] = [new PassThrough(), new PassThrough()];
    const attached = await new k8s.Attach(config).attach(namespace, 'shell', 'c', output, null, input, false);
    input.write('me\n');
    const [piece] = await once(output, 'data') as [Buffer];
    assert.equal(piece.toString(), 'heard me\n');
    attached.close();
  });

  scenario('logs come whole, from the end, bounded, followed, and of the run before', async () => {
    await core.createNamespacedPod({ namespace, body: { metadata: { name: 'speaks' }, spec: { restartPolicy: 'OnFailure', volumes: [{ name: 'data', emptyDir: {} }], containers: [{ name: 'c', image: 'busybox', volumeMounts: [{ name: 'data', mountPath: '/data' }], command: ['sh', '-c', 'if [ ! -e /data/ran ]; then touch /data/ran; echo first; exit 1; fi; for i in 1 2 3; do echo line $i; done; sleep 2; echo last'] }] } } });
    await eventually('it runs again', () => core.readNamespacedPod({ namespace, name: 'speaks' }), ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1);
    const log = async (options: k8s.LogOptions): Promise<string> => {
      const out = new PassThrough();
      await new k8s.Log(config).log(namespace, 'speaks', 'c', out, options);
      return text(out);
    };
    assert.equal(await log({ follow: true }), 'line 1\nline 2\nline 3\nlast\n', 'until it ends');
    assert.equal(await log({ tailLines: 2 }), 'line 3\nlast\n');
    assert.equal(await log({ previous: true }), 'first\n');
    assert.equal(await log({ limitBytes: 6 }), 'line 1');
    assert.equal(await log({ sinceTime: new Date(Date.now() + 3_600_000).toISOString() }), '');
    assert.match(await log({ timestamps: true, tailLines: 1 }), /^\d{4}-\d\d-\d\dT[\d:.]+Z last\n$/);
  });

  scenario('port-forward leads to a pod, and ends where nobody listens', async () => {
    await runningPod('serves', SERVE, { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } });
    const forward = new k8s.PortForward(config);
    const server = createServer((socket) => void forward.portForward(namespace, 'serves', [8080], socket, null, socket).then((client) => { if ('onclose' in client) client.onclose = () => void socket.end(); }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = await new Promise<string>((resolve, reject) => void get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false }, (response) => void text(response).then(resolve, reject)).on('error', reject));
    assert.equal(answer.trim(), 'serves');
    server.close();
    const [errors, nothing] = [new PassThrough(), new PassThrough()];
    await forward.portForward(namespace, 'serves', [81], nothing, errors, new PassThrough());
    // The first message on the channel is the port alone, which the client takes off and passes on as nothing.
    let told = '';
    errors.on('data', (piece: Buffer) => (told += piece.toString()));
    await eventually('it says why', () => told, (words) => /error forwarding port 81 to pod default\/serves: .*refused/.test(words));
  });

  scenario('usage is measured, requests are summed up, and the server says that it is well', async () => {
    await runningPod('busy', 'while :; do :; done', { resources: { requests: { cpu: '10m', memory: '8Mi' }, limits: { cpu: '100m', memory: '32Mi' } } });
    const metrics = new k8s.Metrics(config);
    await eventually('it is measured', () => metrics.getPodMetrics(namespace), ({ items }) => items.some(({ metadata, containers }) => metadata.name === 'busy' && containers.some(({ usage }) => /^[1-9]\d*[nu]$/.test(usage.cpu))));
    assert.equal((await metrics.getNodeMetrics()).items.length, 1);
    const [pod] = (await k8s.topPods(core, metrics, namespace)).filter(({ Pod }) => Pod.metadata?.name === 'busy');
    assert.deepEqual([pod?.CPU.RequestTotal, pod?.CPU.LimitTotal, Number(pod?.CPU.CurrentUsage) > 0], [0.01, 0.1, true]);
    const [node] = await k8s.topNodes(core);
    assert.ok(Number(node?.CPU.Capacity) >= 1 && Number(node?.CPU.RequestTotal) >= 0.01, JSON.stringify(node?.CPU));
    const health = new k8s.Health(config);
    assert.deepEqual([await health.readyz({}), await health.livez({})], [true, true]);
    assert.match((await config.makeApiClient(k8s.VersionApi).getCode()).gitVersion, /^v1\.36\./);
  });

  scenario('of many candidates one gets a lease, and the next one when it is given up', async () => {
    const leases = config.makeApiClient(k8s.CoordinationV1Api);
    const free = await leases.createNamespacedLease({ namespace, body: { metadata: { name: 'leader' }, spec: { leaseDurationSeconds: 15 } } });
    const take = (lease: k8s.V1Lease, holderIdentity: string): Promise<string | undefined> => leases.replaceNamespacedLease({ namespace, name: 'leader', body: { ...lease, spec: { ...lease.spec, holderIdentity, renewTime: new k8s.V1MicroTime() } } }).then(({ spec }) => spec?.holderIdentity, () => undefined);
    const won = (await Promise.all(Array.from({ length: 10 }, (_, number) => take(free, `c${number}`)))).filter((holder) => holder !== undefined);
    assert.equal(won.length, 1);
    const held = await leases.readNamespacedLease({ namespace, name: 'leader' });
    assert.equal(held.spec?.holderIdentity, won[0]);
    assert.equal(await take(held, 'next'), 'next');
    await leases.deleteNamespacedLease({ namespace, name: 'leader' });
  });

  scenario('a deployment scales, a budget holds an eviction back, and a service account may what its role says', async () => {
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', SERVE] }] } } } } });
    const policy = config.makeApiClient(k8s.PolicyV1Api);
    await policy.createNamespacedPodDisruptionBudget({ namespace, body: { metadata: { name: 'web' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } } });
    const ready = (count: number): Promise<unknown> => eventually(`${count} are ready`, () => apps.readNamespacedDeploymentStatus({ namespace, name: 'web' }), ({ status }) => status?.readyReplicas === count);
    await ready(1);
    const [pod] = (await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items;
    const evict = (): Promise<unknown> => core.createNamespacedPodEviction({ namespace, name: pod?.metadata?.name ?? '', body: { metadata: { name: pod?.metadata?.name ?? '' } } });
    await eventually('the budget is counted', () => policy.readNamespacedPodDisruptionBudget({ namespace, name: 'web' }), ({ status }) => status?.currentHealthy === 1);
    await assert.rejects(evict(), refusal(429, 'TooManyRequests'));
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
    await apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body: { ...scale, spec: { replicas: 2 } } });
    await ready(2);
    await eventually('one may go', () => policy.readNamespacedPodDisruptionBudget({ namespace, name: 'web' }), ({ status }) => status?.disruptionsAllowed === 1);
    await evict();
    await policy.deleteNamespacedPodDisruptionBudget({ namespace, name: 'web' });

    await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
    await config.makeApiClient(k8s.RbacAuthorizationV1Api).createNamespacedRoleBinding({ namespace, body: { metadata: { name: 'robot' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace }] } });
    const { status } = await core.createNamespacedServiceAccountToken({ namespace, name: 'robot', body: { spec: { audiences: [], expirationSeconds: 600 } } });
    const robot = new k8s.KubeConfig();
    robot.loadFromClusterAndUser(config.getCurrentCluster() as k8s.Cluster, { name: 'robot', token: status?.token ?? '' });
    const seen = robot.makeApiClient(k8s.CoreV1Api);
    assert.ok((await seen.listNamespacedPod({ namespace })).items.length >= 1);
    await assert.rejects(seen.listNamespacedSecret({ namespace }), refusal(403, 'Forbidden'));
    const review = await robot.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { namespace, verb: 'list', resource: 'secrets' } } } });
    assert.equal(review.status?.allowed, false);
  });

  scenarios.end();
});
