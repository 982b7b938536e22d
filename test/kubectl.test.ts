import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { kubectlScenarios } from './world/cluster.ts';
import type { Ran } from './world/daemon.ts';
import { placeOf } from './world/place.ts';
import { UNPRESSED } from './world/unpressed.ts';

const cluster = kubectlScenarios('kubectl-scenarios');
const { scenario, ok, kubectl, apply, until, gantry } = cluster;

interface Status {
  readonly phase?: string;
  readonly podIP?: string;
  readonly containerStatuses?: readonly { readonly name: string; readonly ready: boolean; readonly restartCount: number; readonly state: Readonly<Record<string, { readonly reason?: string; readonly exitCode?: number }>> }[];
}

const statusOf = (pod: string): Status => JSON.parse(ok('get', 'pod', pod, '-o', 'jsonpath={.status}')) as Status;
const isReady = (status: Status): boolean => status.containerStatuses?.every(({ ready }) => ready) === true;
const pod = (name: string, spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, ...spec } });
const sh = (script: string, more: object = {}): object => ({ name: 'c', image: 'busybox', command: ['sh', '-c', script], ...more });
const SERVE = 'trap "exit 0" TERM; mkdir -p /www; hostname > /www/index.html; httpd -p 8080 -h /www; while :; do sleep 0.1; done';
const server = (name: string, replicas: number, more: object = {}): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 2, containers: [sh(SERVE, { readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 }, ...more })] } } },
});

function fetchText(address: string): Promise<string> {
  return new Promise((resolve, reject) => void get({ host: address, port: 8080, path: '/', agent: false, timeout: 2000 }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve(text));
  }).on('error', reject));
}

scenario('the node is ready and says what it has', () => {
  const [node] = (JSON.parse(ok('get', 'nodes', '-o', 'json')) as { items: { metadata: { name: string }; status: { conditions: { type: string; status: string }[]; allocatable: { cpu: string } } }[] }).items;
  assert.equal(node?.status.conditions.find(({ type }) => type === 'Ready')?.status, 'True');
  assert.ok(Number(node.status.allocatable.cpu) >= 1);
  assert.equal(ok('get', 'lease', '-n', 'kube-node-lease', node.metadata.name, '-o', 'jsonpath={.spec.holderIdentity} {.spec.leaseDurationSeconds}'), `${node.metadata.name} 40`);
});

scenario('an image of the engine runs in a pod without a push, and its log is read', async () => {
  apply(pod('one', { containers: [sh('echo from the pod; sleep 1000')], restartPolicy: 'Never' }));
  await until(() => statusOf('one'), isReady);
  assert.equal(ok('logs', 'one'), 'from the pod');
  assert.match(cluster.daemon.ok('ps', '--filter', 'label=io.kubernetes.pod.name=one', '--format', '{{.Names}}'), /^k8s_c_one_default_[-0-9a-f]{36}_0\nk8s_POD_one_default_/);
});

scenario('the docker front shows the containers of a pod and leaves them alone', async () => {
  apply(pod('kept', { containers: [sh('sleep 1000')] }));
  await until(() => statusOf('kept'), isReady);
  const name = cluster.daemon.ok('ps', '--filter', 'label=io.kubernetes.container.name=c', '--format', '{{.Names}}');
  assert.match(cluster.daemon.docker('stop', name).err, /belongs to pod/);
});

scenario('init containers come first, and share volumes with the others', async () => {
  apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf' }, data: { greeting: 'hi' } }, pod('ordered', {
    subdomain: 'set', securityContext: { runAsUser: 1000, fsGroup: 1234 },
    volumes: [{ name: 'data', emptyDir: {} }, { name: 'conf', configMap: { name: 'conf' } }, { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '64Ki' } }, { name: 'files', image: { reference: 'busybox', pullPolicy: 'Never' } }],
    initContainers: [{ name: 'first', image: 'busybox', command: ['sh', '-c', 'echo made > /data/x; echo kept > /memory/y'], volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'memory', mountPath: '/memory' }] }],
    containers: [sh(`cat /data/x /conf/greeting; echo; echo $NAME $(GREETING); cat /memory/y; grep -o 'size=64k' /proc/mounts; ls -n /data/x | tr -s ' ' | cut -d ' ' -f 3,4; grep -o 'ordered.set.*' /etc/hosts | head -n 1; test -x /files/bin/sh && ! touch /files/x && echo an image; sleep 1000`, {
      volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'conf', mountPath: '/conf' }, { name: 'memory', mountPath: '/memory' }, { name: 'files', mountPath: '/files' }],
      env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'conf', key: 'greeting' } } }],
    })],
  }));
  await until(() => statusOf('ordered'), isReady);
  const lines = await until(() => ok('logs', 'ordered').split('\n').filter((line) => !line.startsWith('touch')), (all) => all.length >= 8);
  assert.deepEqual(lines, ['made', 'hi', 'ordered hi', 'kept', 'size=64k', '1000 1234', 'ordered.set.default.svc.cluster.local ordered', 'an image']);
  assert.ok(Number(ok('exec', 'ordered', '--', 'sh', '-c', 'head -c 100000 /dev/zero > /memory/z 2> /dev/null; wc -c < /memory/z')) <= 65536);
});

scenario('a container that crashes is started again, later each time, and says so', async () => {
  apply(pod('crash', { containers: [sh('exit 3')] }));
  const status = await until(() => statusOf('crash'), ({ containerStatuses = [] }) => containerStatuses[0]?.state['waiting']?.reason === 'CrashLoopBackOff');
  assert.equal(status.containerStatuses?.[0]?.restartCount, 1);
  assert.match(ok('describe', 'pod', 'crash'), /Exit Code:\s+3/);
});

scenario('a pod that ends well has succeeded, one that does not has failed', async () => {
  apply(pod('well', { containers: [sh('exit 0')], restartPolicy: 'Never' }), pod('badly', { containers: [sh('echo gave up > /dev/termination-log; exit 1')], restartPolicy: 'Never' }));
  await until(() => statusOf('well').phase, (phase) => phase === 'Succeeded');
  await until(() => statusOf('badly').phase, (phase) => phase === 'Failed');
  assert.match(ok('describe', 'pod', 'badly'), /Message: +gave up/);
});

scenario('a pod that fits nowhere waits, and its event says why', async () => {
  apply(pod('large', { containers: [sh('true', { resources: { requests: { cpu: '1000' } } })] }));
  await until(() => ok('get', 'events', '--field-selector', 'involvedObject.name=large,reason=FailedScheduling', '-o', 'jsonpath={.items[*].message}'), (text) => text !== '');
  assert.match(ok('get', 'events', '--field-selector', 'involvedObject.name=large', '-o', 'jsonpath={.items[*].message}'), /0\/1 nodes are available: 1 Insufficient cpu\./);
  assert.match(gantry('why', 'pod/large').out, /^pod large is Pending, because\n  \S+ \S+  \S.* made it\n  \S+ \S+  FailedScheduling: 0\/1 nodes are available: 1 Insufficient cpu/);
  assert.match(gantry('why', '-n', 'nowhere', 'pod/large').err, /no such pod: large in the namespace nowhere/);
});

scenario('an image that is nowhere is named', async () => {
  apply(pod('lost', { containers: [{ name: 'c', image: '127.0.0.1:1/nowhere:none' }] }));
  const status = await until(() => statusOf('lost'), ({ containerStatuses = [] }) => /ErrImagePull|ImagePullBackOff/.test(containerStatuses[0]?.state['waiting']?.reason ?? ''));
  assert.equal(status.phase, 'Pending');
});

scenario('probes decide who is ready and who is alive', async () => {
  apply(pod('probed', { containers: [sh('touch /alive; sleep 1; touch /ready; sleep 3; rm /alive; sleep 1000', {
    readinessProbe: { exec: { command: ['test', '-e', '/ready'] }, periodSeconds: 1 }, livenessProbe: { exec: { command: ['test', '-e', '/alive'] }, periodSeconds: 1, failureThreshold: 2 },
  })] }));
  await until(() => statusOf('probed'), isReady);
  await until(() => statusOf('probed'), ({ containerStatuses = [] }) => (containerStatuses[0]?.restartCount ?? 0) >= 1);
  assert.match(ok('get', 'events', '--field-selector', 'involvedObject.name=probed', '-o', 'jsonpath={.items[*].message}'), /Liveness probe failed/);
  assert.match(gantry('why', 'pod/probed').out, /container c: it started\n[^]*Liveness probe failed[^]*container c: it ended after [\d.]+ s with exit code 137: SIGKILL[^]*container c, run 2: it started/);
});

scenario('exec runs a command in a pod, with its streams and its exit code', async () => {
  apply(pod('host', { containers: [sh('sleep 1000')] }));
  await until(() => statusOf('host'), isReady);
  assert.equal(ok('exec', 'host', '--', 'sh', '-c', 'hostname; id -u'), 'host\n0');
  // WebSockets, and SPDY as older clients speak it.
  for (const environment of [{}, { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }]) {
    const ran = cluster.kubectlIn(environment, '', 'exec', 'host', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    assert.deepEqual([ran.code, ran.out, ran.err.split('\n')[0]], [7, 'out\n', 'err']);
    assert.equal(cluster.kubectlIn(environment, 'x'.repeat(300_000), 'exec', '-i', 'host', '--', 'wc', '-c').out.trim(), '300000');
  }
  assert.match(kubectl('exec', 'nobody', '--', 'true').err, /pods "nobody" not found/);
  assert.notEqual(kubectl('exec', 'host', '--', 'nosuch').code, 0);
});

scenario('a pod is looked at from a container that is added to it, from a copy of it, and from its node', async () => {
  apply(pod('bare', { containers: [sh('exec sleep 1000')] }));
  await until(() => statusOf('bare'), isReady);
  const look = (input: string, ...args: readonly string[]): string => {
    const ran = cluster.kubectlWith(input, 'debug', ...args);
    assert.equal(ran.code, 0, ran.err);
    return ran.out;
  };
  const image = ['--image=busybox', '--image-pull-policy=IfNotPresent'];
  const seen = look('tr "\\0" " " < /proc/1/cmdline; hostname; exit 0\n', 'bare', '-i', ...image, '--target=c', '-c', 'looker', '--', 'sh');
  assert.match(seen, /^sleep 1000 bare$/m);
  await until(() => ok('logs', 'bare', '-c', 'looker'), (text) => text === 'sleep 1000 bare');
  await until(() => ok('get', 'pod', 'bare', '-o', 'jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode} {.status.phase}'), (text) => text === '0 Running');
  look('', 'bare', '--copy-to=twin', '-c', 'c', ...image, '--', 'sleep', '2000');
  await until(() => statusOf('twin'), isReady);
  assert.equal(ok('exec', 'twin', '--', 'head', '-c', '6', '/proc/1/cmdline'), '/pause', 'its processes are shared');
  const node = ok('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  assert.match(look(`test -e /host/etc/passwd && echo its files; test -d /proc/${cluster.daemon.pid} && echo its processes; exit 0\n`, `node/${node}`, '-i', ...image, '--profile=sysadmin', '--', 'sh'), /its files\nits processes/);
});

scenario('a container that runs gets other resources, at once, by a new start or when the node has room', async () => {
  const amounts = (cpu: string, memory: string): object => ({ resources: { requests: { cpu, memory }, limits: { cpu, memory } } });
  apply(pod('sized', { containers: [sh('exec sleep 1000', { ...amounts('50m', '32Mi'), resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] })] }));
  await until(() => statusOf('sized'), isReady);
  const resize = (cpu: string, memory: string): string => ok('patch', 'pod', 'sized', '--subresource', 'resize', '-p', JSON.stringify({ spec: { containers: [{ name: 'c', ...amounts(cpu, memory) }] } }));
  const told = (): string => ok('get', 'pod', 'sized', '-o', 'jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].resources.limits.cpu} {.status.containerStatuses[0].resources.limits.memory} {.status.conditions[?(@.type=="PodResizePending")].reason}');
  const actual = (): string => cluster.daemon.ok('inspect', '-f', '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}', cluster.daemon.ok('ps', '-q', '--filter', 'label=io.kubernetes.pod.name=sized', '--filter', 'label=io.kubernetes.container.name=c'));
  resize('70m', '32Mi');
  await until(told, (text) => text === '0 70m 32Mi');
  assert.equal(actual(), `70000000 ${32 * 2 ** 20}`);
  resize('70m', '48Mi');
  await until(told, (text) => text === '1 70m 48Mi');
  assert.equal(actual(), `70000000 ${48 * 2 ** 20}`);
  resize('1000', '48Mi');
  await until(told, (text) => text === '1 70m 48Mi Infeasible');
  resize('80m', '48Mi');
  await until(told, (text) => text === '1 80m 48Mi');
  assert.match(cluster.kubectl('patch', 'pod', 'sized', '--subresource', 'resize', '-p', '{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"10m"}}}]}}').err, /Pod QOS Class may not change/);
});

scenario('a deployment scales, and its pods serve', async () => {
  apply(server('web', 2));
  ok('rollout', 'status', 'deployment/web', '--timeout=30s');
  ok('scale', 'deployment', 'web', '--replicas=3');
  ok('rollout', 'status', 'deployment/web', '--timeout=30s');
  const addresses = ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.podIP}').split(' ');
  assert.equal(new Set(addresses).size, 3);
  for (const address of addresses) assert.match(await fetchText(address), /^web-/);
});

scenario('a pod that is deleted is made again', async () => {
  apply(server('again', 1));
  ok('rollout', 'status', 'deployment/again', '--timeout=30s');
  const name = ok('get', 'pods', '-l', 'app=again', '-o', 'jsonpath={.items[0].metadata.name}');
  ok('delete', 'pod', name);
  await until(() => ok('get', 'pods', '-l', 'app=again', '-o', 'jsonpath={.items[*].metadata.name}'), (names) => names !== '' && !names.includes(name));
});

scenario('a rollout replaces the pods, and is undone', async () => {
  cluster.daemon.ok('tag', 'busybox', 'busybox:second');
  apply(server('rolled', 2));
  ok('rollout', 'status', 'deployment/rolled', '--timeout=30s');
  ok('set', 'image', 'deployment/rolled', 'c=busybox:second');
  ok('rollout', 'status', 'deployment/rolled', '--timeout=40s');
  assert.match(ok('rollout', 'history', 'deployment/rolled'), /1 .*\n2 /);
  ok('rollout', 'undo', 'deployment/rolled');
  ok('rollout', 'status', 'deployment/rolled', '--timeout=40s');
  assert.equal(ok('get', 'deployment', 'rolled', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'), 'busybox');
});

scenario('a service has the pods that match behind it', async () => {
  apply(server('backed', 2), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'backed' }, spec: { selector: { app: 'backed' }, ports: [{ port: 80, targetPort: 8080 }] } });
  ok('rollout', 'status', 'deployment/backed', '--timeout=30s');
  const addresses = await until(() => ok('get', 'endpointslices', '-l', 'kubernetes.io/service-name=backed', '-o', 'jsonpath={.items[*].endpoints[*].addresses[0]}').split(' '), (all) => all.length === 2);
  assert.deepEqual(addresses.toSorted(), ok('get', 'pods', '-l', 'app=backed', '-o', 'jsonpath={.items[*].status.podIP}').split(' ').toSorted());
});

scenario('apply, diff, patch, label, explain and watch work as on any cluster', async () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data: { a: '1' } };
  apply(map);
  const watching = cluster.running(['get', 'configmaps', '--watch', '-o', 'name']);
  await until(() => watching.out(), (text) => text.includes('configmap/map'));
  apply({ ...map, data: { a: '2' } });
  ok('label', 'configmap', 'map', 'tier=low');
  ok('patch', 'configmap', 'map', '--type=json', '-p', '[{"op":"add","path":"/data/b","value":"3"}]');
  await until(() => watching.out().split('configmap/map').length, (times) => times >= 5);
  watching.end();
  assert.equal(ok('get', 'configmap', 'map', '-o', 'jsonpath={.data.a}{.data.b}{.metadata.labels.tier}'), '23low');
  assert.match(ok('explain', 'deployment.spec.replicas'), /Number of pods that should run\. Default 1\./);
  assert.match(ok('explain', 'deployment.spec.strategy'), /How pods are replaced after the template changed\.[^]*rollingUpdate/);
  const wrong = kubectl('create', '-f', '/dev/stdin');
  assert.notEqual(wrong.code, 0);
});

scenario('the cluster is there again after the daemon was killed, and its pods went on', async () => {
  const recalls = 'until [ -e /m/end ]; do sleep 0.1; done; [ -e /m/ended ] || { touch /m/ended; exit 1; }; cat /m/f; exec sleep 1000';
  const volumeMounts = [{ name: 'memory', mountPath: '/m' }];
  apply(server('lasting', 2), pod('recalls', { containers: [sh('echo kept > /m/f; exec sleep 1000', { volumeMounts }), sh(recalls, { name: 'again', volumeMounts })], volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] }));
  ok('rollout', 'status', 'deployment/lasting', '--timeout=30s');
  await until(() => statusOf('recalls'), isReady);
  const pids = (): string => cluster.daemon.ok('ps', '-q', '--no-trunc', '--filter', 'label=io.kubernetes.container.name=c').split('\n').sort().join(' ');
  const before = pids();
  await cluster.daemon.crash();
  await cluster.daemon.up();
  const port = /:(\d+)/.exec(await until(() => gantry('cluster', 'status').out, (text) => text.startsWith('running')))?.[1];
  ok('config', 'set-cluster', 'gantry', `--server=https://127.0.0.1:${port}`);
  assert.equal(pids(), before);
  ok('rollout', 'status', 'deployment/lasting', '--timeout=30s');
  // A container that is started again still has the files in memory that the others have.
  ok('exec', 'recalls', '-c', 'c', '--', 'touch', '/m/end');
  await until(() => statusOf('recalls'), ({ containerStatuses = [] }) => containerStatuses.some(({ name, ready, restartCount }) => name === 'again' && ready && restartCount === 1));
  await until(() => ok('logs', 'recalls', '-c', 'again'), (text) => text === 'kept');
});

/** Sockets at which the daemon listens, and routes over its bridge. */
function held(): readonly string[] {
  const { pid } = cluster.daemon;
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''];
    } catch {
      return [];
    }
  }));
  // A socket of datagrams listens in state 07.
  const sockets = ['tcp', 'udp'].flatMap((protocol) => readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8').split('\n').slice(1).map((line) => line.trim().split(/\s+/)).filter(([, , , state, , , , , , inode = '']) => own.has(inode) && (state === '0A' || state === '07')).map(([, address]) => `${protocol} ${address}`));
  return [...sockets, ...execFileSync('ip', ['route', 'show', 'dev', placeOf(cluster.daemon).bridge], { encoding: 'utf8' }).split('\n')].toSorted();
}

scenario('a cluster that cannot come up leaves nothing open, and the next one comes up', async () => {
  apply(pod('mounted', { containers: [sh('sleep 1000', { volumeMounts: [{ name: 'memory', mountPath: '/m' }] })], volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] }));
  await until(() => statusOf('mounted'), isReady);
  const down = gantry('cluster', 'down');
  assert.equal(down.code, 0, down.err);
  const before = held();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const up = (at: number): Ran => gantry('cluster', 'up', '--port', String(at), '--kubeconfig', `${cluster.daemon.directory}/kubeconfig`, ...UNPRESSED);
  const failed = up(port);
  taken.close();
  assert.match(failed.err, new RegExp(`the API can't listen at 127\\.0\\.0\\.1:${port}: another program has the port`));
  await until(() => held(), (now) => now.join() === before.join());
  assert.equal(up(0).code, 0);
});
