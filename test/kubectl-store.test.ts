import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { openEtcdStore } from '#store/edge/etcd/etcd.ts';
import { kubectlScenarios } from './world/cluster.ts';
import { startEtcd, whyNoEtcd } from './world/etcd.ts';
import { UNPRESSED } from './world/unpressed.ts';

const cluster = kubectlScenarios('kubectl-store-scenarios', 'statefulsets,persistentvolumeclaims');
const { scenario, ok, apply, until, gantry } = cluster;

const RUN = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const workload = (kind: string, name: string, spec: object, pod: object = {}): object => ({
  apiVersion: 'apps/v1', kind, metadata: { name },
  spec: { ...spec, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', RUN], ...pod }] } } },
});

const kubeconfig = (): string => `${cluster.daemon.directory}/kubeconfig`;
function up(...flags: readonly string[]): void {
  const { code, err } = gantry('cluster', 'up', '--port', '0', '--kubeconfig', kubeconfig(), ...UNPRESSED, ...flags);
  assert.equal(code, 0, err);
}
function done(...args: readonly string[]): string {
  const { code, out, err } = gantry('cluster', ...args);
  assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  return out;
}
function refused(message: RegExp, ...args: readonly string[]): void {
  const { code, err } = gantry('cluster', ...args);
  assert.notEqual(code, 0, args.join(' '));
  assert.match(err, message);
}

scenario('a backup brings back everything of a cluster that was erased, and its pods run again', async () => {
  apply(
    workload('Deployment', 'web', { replicas: 2 }), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
    workload('StatefulSet', 'disk', { replicas: 1, serviceName: 'disk', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } }] }, { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
  );
  for (const set of ['deployment/web', 'statefulset/disk']) ok('rollout', 'status', set, '--timeout=40s');
  ok('exec', 'disk-0', '--', 'sh', '-c', 'echo kept > /data/file');
  const names = (): string => ok('get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}');
  const kept = (): string => ok('get', 'services,persistentvolumeclaims,secrets', '-o', 'jsonpath={range .items[*]}{.metadata.uid} {.spec.clusterIP}{.spec.volumeName}{"\\n"}{end}');
  const [pods, objects, token] = [names(), kept(), ok('create', 'token', 'default', '--duration=1h')];
  const revision = ok('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.resourceVersion}');

  const file = `${cluster.daemon.directory}/backup.gz`;
  assert.match(done('backup', '--volumes', file), /^\d+ entries at revision \d+ are in \S+backup\.gz \(\d+ kB, sha256 [0-9a-f]{16}\)/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  refused(/a cluster runs here.*gantry cluster down/s, 'restore', file);
  done('down');
  refused(/no cluster runs here/, 'backup', `${file}.none`);
  const damaged = readFileSync(file);
  damaged[damaged.length >> 1]! ^= 1;
  writeFileSync(`${file}.damaged`, damaged);
  refused(/the backup is damaged/, 'restore', `${file}.damaged`);
  copyFileSync(kubeconfig(), `${file}.kubeconfig`);
  refused(/the backup is damaged/, 'restore', `${file}.kubeconfig`);

  assert.match(done('restore', file), /^\d+ entries of 2\S+Z are restored/);
  up();
  for (const set of ['deployment/web', 'statefulset/disk']) ok('rollout', 'status', set, '--timeout=40s');
  ok('wait', '--for=condition=Ready', 'pods', '--all', '--timeout=40s');
  assert.deepEqual([names(), kept()], [pods, objects]);
  await until(() => cluster.kubectl('exec', 'disk-0', '--', 'cat', '/data/file').out, (out) => out === 'kept\n');
  for (const name of pods.split(' ')) await until(() => cluster.kubectl('exec', name, '--', 'echo', 'runs').out, (out) => out === 'runs\n');
  const review = cluster.kubectlWith(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }), 'create', '--raw', '/apis/authentication.k8s.io/v1/tokenreviews', '-f', '-');
  assert.match(review.out, /"username":"system:serviceaccount:default:default"/, review.err);
  const { out, err } = cluster.kubectl('get', '--raw', `/apis/apps/v1/deployments?watch=true&resourceVersion=${revision}&timeoutSeconds=5`);
  assert.match(out + err, /too old resource version|Expired/, 'who watched before has to list again');
});

scenario('a cluster in etcd goes on over a restart of it, leaves nothing there, and its backup is like any other', async () => {
  done('down');
  const etcd = await startEtcd();
  try {
    const store = `etcd://${new URL(etcd.url).host}/clusters/one`;
    const entries = async (): Promise<number> => {
      const inside = await openEtcdStore({ endpoints: [etcd.url], tls: {}, base: '/clusters/one/' });
      const { length } = (await inside.list('')).entries;
      await inside.close();
      return length;
    };
    up('--store', store);
    apply(workload('Deployment', 'web', { replicas: 1 }));
    ok('rollout', 'status', 'deployment/web', '--timeout=40s');
    assert.ok(await entries() > 50);
    await etcd.kill();
    assert.match(cluster.kubectl('get', 'pods', '--request-timeout=20s').err, /can't be reached/);
    await etcd.startAgain();
    ok('scale', 'deployment', 'web', '--replicas=2');
    ok('rollout', 'status', 'deployment/web', '--timeout=40s');
    const file = `${cluster.daemon.directory}/etcd.gz`;
    done('backup', file);
    done('down', '--keep');
    refused(/has its state in etcd/, 'up', '--store', 'file');
    refused(/is not empty/, 'restore', file);
    done('down');
    assert.equal(await entries(), 0);
    done('restore', '--store', store, file);
    assert.ok(await entries() > 50);
    done('down');
    done('restore', file);
    up();
    ok('rollout', 'status', 'deployment/web', '--timeout=40s');
    await until(() => ok('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}'), (phases) => phases === 'Running Running');
  } finally {
    await etcd.stop();
  }
}, whyNoEtcd());
