import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { kubectlScenarios } from './world/cluster.ts';

const cluster = kubectlScenarios('kubectl-workload-scenarios', 'cronjobs,jobs,statefulsets,daemonsets,poddisruptionbudgets,persistentvolumeclaims,horizontalpodautoscalers');
const { scenario, ok, apply, until } = cluster;

const sh = (script: string, more: object = {}): object => ({ name: 'c', image: 'busybox', command: ['sh', '-c', script], ...more });

scenario('an indexed job runs to its end and goes with its pods, and a cron job makes jobs', async () => {
  apply({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick' }, spec: { schedule: '@every 1s', jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [sh('echo tick')] } } } } } }, {
    apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'sum' },
    spec: { completions: 3, parallelism: 3, completionMode: 'Indexed', template: { spec: { restartPolicy: 'Never', containers: [sh('echo index $JOB_COMPLETION_INDEX on $(hostname)')] } } },
  });
  ok('wait', '--for=condition=complete', 'job/sum', '--timeout=30s');
  assert.deepEqual(ok('logs', '-l', 'job-name=sum').split('\n').sort(), ['index 0 on sum-0', 'index 1 on sum-1', 'index 2 on sum-2']);
  assert.match(ok('get', 'job', 'sum'), /sum +Complete +3\/3/);
  assert.match(ok('describe', 'job', 'sum'), /Normal +Completed .* Job completed/);
  ok('delete', 'job', 'sum');
  await until(() => ok('get', 'pods', '-l', 'job-name=sum', '-o', 'name'), (names) => names === '');
  assert.match(await until(() => ok('get', 'jobs', '-o', 'name'), (names) => names !== ''), /^job.batch\/tick-\d+$/m);
  assert.match(ok('create', 'job', 'by-hand', '--from=cronjob/tick'), /created/);
  ok('wait', '--for=condition=complete', 'job/by-hand', '--timeout=30s');
  assert.match(ok('describe', 'cronjob', 'tick'), /SuccessfulCreate .* Created job tick-/);
});

const RUN = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const workload = (kind: string, name: string, image: string, spec: object): object => ({
  apiVersion: 'apps/v1', kind, metadata: { name },
  spec: { ...spec, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 2, containers: [sh(RUN, { image })] } } },
});

scenario('a stateful set has pods by their names, and a daemon set one on the node; both roll out and back', async () => {
  const names = (app: string): string => ok('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].metadata.name}');
  cluster.daemon.ok('tag', 'busybox', 'busybox:second');
  apply(workload('StatefulSet', 'db', 'busybox', { replicas: 2, serviceName: 'db' }), workload('DaemonSet', 'agent', 'busybox', {}));
  const sets = ['statefulset/db', 'daemonset/agent'];
  for (const set of sets) ok('rollout', 'status', set, '--timeout=30s');
  assert.equal(names('db'), 'db-0 db-1');
  assert.equal(ok('exec', 'db-1', '--', 'hostname'), 'db-1');
  ok('scale', 'statefulset', 'db', '--replicas=1');
  await until(() => names('db'), (text) => text === 'db-0');
  for (const set of sets) ok('set', 'image', set, 'c=busybox:second');
  for (const set of sets) ok('rollout', 'status', set, '--timeout=30s');
  for (const set of sets) {
    assert.match(ok('rollout', 'history', set), /1 .*\n2 /);
    ok('rollout', 'undo', set);
  }
  for (const set of sets) {
    ok('rollout', 'status', set, '--timeout=30s');
    assert.equal(ok('get', set, '-o', 'jsonpath={.spec.template.spec.containers[0].image}'), 'busybox');
  }
  assert.equal(ok('get', 'pods', '-l', 'app=agent', '-o', 'jsonpath={.items[*].spec.containers[0].image}'), 'busybox');
  assert.match(ok('get', 'daemonset', 'agent'), /agent +1 +1 +1 +1 +1 /);
});

scenario('an eviction is refused where the budget says so, and a drain empties the node where it may', async () => {
  const node = ok('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  apply(workload('Deployment', 'web', 'busybox', { replicas: 1 }), { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'keep' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } });
  ok('rollout', 'status', 'deployment/web', '--timeout=30s');
  await until(() => ok('get', 'pdb', 'keep', '-o', 'jsonpath={.status.currentHealthy}'), (count) => count === '1');
  const name = ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}');
  const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } });
  const refused = cluster.kubectlWith(eviction, 'create', '--raw', `/api/v1/namespaces/default/pods/${name}/eviction`, '-f', '-').err;
  assert.match(refused, /\(TooManyRequests\): Cannot evict pod as it would violate the pod's disruption budget\./);
  ok('patch', 'pdb', 'keep', '--type=merge', '-p', '{"spec":{"minAvailable":0}}');
  await until(() => ok('get', 'pdb', 'keep', '-o', 'jsonpath={.status.disruptionsAllowed}'), (count) => count === '1');
  try {
    ok('drain', node, '--pod-selector=app=web', '--timeout=30s');
    assert.equal(ok('get', 'pods', '-l', 'app=web', '--field-selector', `spec.nodeName=${node}`, '-o', 'name'), '');
  } finally {
    ok('uncordon', node);
  }
});

scenario('a claim has a volume on the node, that stays when its pod goes and goes when it does', async () => {
  const set = workload('StatefulSet', 'disk', 'busybox', { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } }] }) as { spec: { template: { spec: object } } };
  Object.assign(set.spec.template.spec, { containers: [sh(`echo run >> /data/runs; cat /data/runs; ${RUN}`, { volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'scratch', mountPath: '/scratch' }] })] });
  Object.assign(set.spec.template.spec, { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } } } }] });
  apply(set);
  ok('rollout', 'status', 'statefulset/disk', '--timeout=30s');
  const first = ok('get', 'pod', 'disk-0', '-o', 'jsonpath={.metadata.uid}');
  const owner = (): string => ok('get', 'pvc', 'disk-0-scratch', '-o', 'jsonpath={.metadata.ownerReferences[0].uid}');
  assert.equal(owner(), first, 'a claim of its own goes with the pod');
  ok('delete', 'pod', 'disk-0');
  await until(() => ok('get', 'pods', '-l', 'app=disk', '-o', 'jsonpath={.items[*].metadata.uid}{.items[*].status.phase}'), (text) => text.endsWith('Running') && !text.includes(first));
  await until(() => ok('logs', 'disk-0'), (text) => text === 'run\nrun');
  assert.notEqual(owner(), first);
  const events = [/Normal +Pulled .* spec\.containers\{c\}: Container image "busybox" already present on machine/, /Normal +Created .* Container created/, /Normal +Started .* Container started/];
  await until(() => ok('describe', 'pod', 'disk-0'), (text) => events.every((event) => event.test(text)));
  assert.match(ok('get', 'pvc'), /data-disk-0 +Bound +pvc-\S+ +1Mi +RWO +standard/);
  ok('delete', 'statefulset', 'disk');
  ok('delete', 'pvc', 'data-disk-0', '--timeout=20s');
  await until(() => ok('get', 'pv', '-o', 'name'), (names) => names === '');
});

scenario('what pods use is measured, and an autoscaler looks at it', async () => {
  const busy = workload('Deployment', 'busy', 'busybox', { replicas: 1 }) as { spec: { template: { spec: object } } };
  Object.assign(busy.spec.template.spec, { containers: [sh('while :; do :; done', { resources: { requests: { cpu: '20m' }, limits: { cpu: '100m' } } })] });
  apply(busy);
  ok('rollout', 'status', 'deployment/busy', '--timeout=30s');
  assert.match(await until(() => cluster.kubectl('top', 'pods').out, (text) => /busy-\S+ +\d\d+m +\d+Mi/.test(text)), /^NAME/);
  ok('autoscale', 'deployment', 'busy', '--cpu=50%', '--max=2');
  assert.match(ok('top', 'nodes'), /\d+m +\d+% +\d+Mi +\d+%/);
  await until(() => ok('get', 'deployment', 'busy', '-o', 'jsonpath={.spec.replicas}'), (replicas) => replicas === '2', 40_000);
  assert.match(ok('describe', 'hpa', 'busy'), /SuccessfulRescale .* New size: 2; reason: cpu resource utilization \(percentage of request\) above target/);
});

scenario('a compose file is converted to objects that run, and that stay as they are when they are applied again', async () => {
  const directory = cluster.daemon.directory;
  const image = 'image: busybox, stop_grace_period: 1s';
  writeFileSync(`${directory}/word.txt`, 'sesame');
  writeFileSync(`${directory}/shop.yaml`, `
name: shop
services:
  web: {${image}, command: [sh, -c, "httpd -p 80 -h /www; exec sleep 1000"], deploy: {replicas: 2}, configs: [{source: page, target: /www/index.html}], networks: {front: {aliases: [www]}}, healthcheck: {test: [CMD, wget, -qO-, "http://127.0.0.1/"], interval: 1s}}
  db: {${image}, command: [sh, -c, "cp /run/secrets/word /data/word; httpd -p 81 -h /data; exec sleep 1000"], init: true, secrets: [word], volumes: ["data:/data"], networks: [front]}
  reader: {${image}, command: [sleep, "1000"], network_mode: "service:db", environment: {TEXT: 'a $$(HOME) $$$$b'}}
  job: {${image}, command: [sh, -c, "until wget -qO- http://www/ && wget -qO- http://db:81/word; do sleep 0.1; done"], restart: on-failure, networks: [front]}
  last: {${image}, command: [sleep, "1000"], depends_on: {job: {condition: service_completed_successfully}}, networks: [front]}
networks: {front: }
volumes: {data: }
secrets: {word: {file: ./word.txt}}
configs: {page: {content: "from a config"}}
`);
  const converted = cluster.gantry('compose', '-f', `${directory}/shop.yaml`, 'bridge', 'convert');
  assert.equal(converted.code, 0, converted.err);
  assert.match(converted.err, /WARN services\.last\.depends_on: /);
  const applied = cluster.kubectlWith(converted.out, 'apply', '-f', '-');
  assert.equal(applied.code, 0, applied.err);
  const inShop = (...args: readonly string[]): string => ok('-n', 'shop', ...args);
  for (const one of ['deployment/web', 'statefulset/db']) inShop('rollout', 'status', one, '--timeout=30s');
  inShop('wait', '--for=condition=complete', 'job/job', '--timeout=30s');
  assert.match(inShop('logs', 'job/job'), /from a configsesame$/, 'by an alias, and at a port that the file does not name');
  assert.equal(inShop('exec', 'db-0', '-c', 'reader', '--', 'sh', '-c', 'echo "$TEXT"; ls /var/run/secrets/kubernetes.io 2>&1 | tail -n 1; env | grep SERVICE_HOST | grep -vc ^KUBERNETES_ || true'), 'a $(HOME) $$b\nls: /var/run/secrets/kubernetes.io: No such file or directory\n0');
  const again = cluster.kubectlWith(converted.out, 'apply', '-f', '-');
  assert.deepEqual(again.out.trim().split('\n').filter((line) => !line.endsWith(' unchanged')), [], again.err);
  ok('delete', 'namespace', 'shop', '--timeout=30s');
});
