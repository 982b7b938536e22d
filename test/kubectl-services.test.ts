import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { kubectlScenarios } from './world/cluster.ts';
import { freePort } from './world/free-port.ts';
import { eventually } from './world/waiting.ts';

// All of it is in a namespace of its own, and goes with the cluster.
const cluster = kubectlScenarios('kubectl-service-scenarios', undefined, false);
const { scenario, ok, kubectl, until, gantry } = cluster;

/** Told to end, it first takes whom the kernel has connected already: nobody else comes. Then it lets them finish. */
const SERVE = 'mkdir -p /www; hostname > /www/index.html; echo "$VERSION" > /www/version; httpd -f -p 8080 -h /www & trap "sleep 0.3; kill $!; sleep 0.3; exit 0" TERM; while :; do wait; done';
const NAMESPACE = 'net';

interface Backed {
  readonly replicas: number;
  readonly version?: string;
}

function deployment(name: string, { replicas, version = '1' }: Backed): object {
  const container = { name: 'c', image: 'busybox', command: ['sh', '-c', SERVE], env: [{ name: 'VERSION', value: version }], readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }, ports: [{ name: 'http', containerPort: 8080 }] };
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: NAMESPACE }, spec: {
      replicas, selector: { matchLabels: { app: name } }, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
    },
  };
}

function service(name: string, spec: object = {}): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NAMESPACE }, spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec } };
}

const inNamespace = (...args: readonly string[]): string => ok('-n', NAMESPACE, ...args);
const field = (name: string, path: string): string => inNamespace('get', 'service', name, '-o', `jsonpath={${path}}`);
const podsOf = (name: string): string[] => inNamespace('get', 'pods', '-l', `app=${name}`, '-o', 'jsonpath={.items[*].metadata.name}').split(' ').sort();

let made: Promise<string[]> | undefined;
/** Two pods that serve, for all scenarios: what each looks at are services. Answers with their names. */
function web(): Promise<string[]> {
  made ??= (async () => {
    cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, deployment('web', { replicas: 2 }), service('web'));
    inNamespace('rollout', 'status', 'deployment/web', '--timeout=30s');
    await until(() => inNamespace('get', 'endpointslices', '-l', 'kubernetes.io/service-name=web', '-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}'), (all) => all === 'true true');
    return podsOf('web');
  })();
  return made;
}

/** The body, or the code of what went wrong. */
function fetchText(host: string, port: number, path = '/'): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, agent: new Agent({ keepAlive: false }), timeout: 3000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error')).on('end', () => resolve(text.trim()));
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}

async function answers(host: string, port: number, count = 40): Promise<string[]> {
  return [...new Set(await Promise.all(Array.from({ length: count }, () => fetchText(host, port))))].sort();
}

/** Within seconds: the kernel hears of a change a moment after the API has it. */
async function refused(host: string, port: number): Promise<void> {
  const deadline = performance.now() + 5000;
  for (let answer = ''; answer !== 'ECONNREFUSED';) {
    answer = await fetchText(host, port);
    assert.ok(performance.now() < deadline, `${host}:${port} answers still: ${answer}`);
  }
}

scenario('a service has an address that leads to all of its pods, from the host and from pods', async () => {
  const pods = await web();
  const address = field('web', '.spec.clusterIP');
  assert.deepEqual(await answers(address, 80), pods);
  assert.deepEqual([...new Set(inNamespace('exec', pods[0] ?? '', '--', 'sh', '-c', `for i in $(seq 24); do wget -qO- http://${address}/; done`).split('\n'))].sort(), pods, 'itself among them');
  assert.equal(await fetchText(address, 81), 'ECONNREFUSED', 'a port that it does not have');
  assert.match(kubectl('-n', NAMESPACE, 'patch', 'service', 'web', '-p', '{"spec":{"clusterIP":"10.96.0.77"}}').err, /field is immutable/);
});

scenario('a node port leads there on every address of the node and on 127.0.0.1, until it is given back', async () => {
  const pods = await web();
  cluster.apply(service('out', { type: 'NodePort' }));
  const port = Number(field('out', '.spec.ports[0].nodePort'));
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
  await until(() => kubectl('-n', NAMESPACE, 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=out', '-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}').out, (all) => all === 'true true');
  for (const address of ['127.0.0.1', ...own.slice(0, 2)]) assert.deepEqual(await answers(address, port), pods, address);
  inNamespace('patch', 'service', 'out', '-p', '{"spec":{"type":"ClusterIP"}}');
  await refused('127.0.0.1', port);
});

scenario('a balancer is the node itself, and a port that a program has is left to it', async () => {
  const pods = await web();
  const taken = createServer().listen(0);
  const port = (server: Server): number => (server.address() as AddressInfo).port;
  await once(taken, 'listening');
  const free = await freePort('0.0.0.0');
  const ports = (number: number): object => ({ type: 'LoadBalancer', ports: [{ name: 'http', port: number, targetPort: 'http' }] });
  cluster.apply(service('balanced', { ...ports(free), externalTrafficPolicy: 'Local' }), service('late', ports(port(taken))));
  const address = await until(() => field('balanced', '.status.loadBalancer.ingress[*].ip'), (ip) => ip !== '');
  for (const each of [address, '127.0.0.1']) await eventually(`answers of ${each}`, () => fetchText(each, free), (seen) => pods.includes(seen));
  const health = Number(field('balanced', '.spec.healthCheckNodePort'));
  await eventually('what another balancer would ask', () => fetchText(address, health), (seen) => seen.includes(`"localEndpoints": ${pods.length}`));
  await until(() => inNamespace('get', 'events', '--field-selector=reason=PortTaken', '-o', 'jsonpath={.items[*].message}'), (text) => text.includes(`has ${port(taken)}/tcp`));
  await new Promise((resolve) => taken.close(resolve));
  inNamespace('delete', 'service', 'balanced');
  assert.equal(await until(() => field('late', '.status.loadBalancer.ingress[*].ip'), (ip) => ip !== ''), address, 'it is free now');
});

scenario('a client keeps its pod where the service says so', async () => {
  await web();
  cluster.apply(service('kept', { sessionAffinity: 'ClientIP' }));
  await until(() => inNamespace('get', 'endpointslices', '-l', 'kubernetes.io/service-name=kept', '-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}'), (all) => all === 'true true');
  assert.equal((await answers(field('kept', '.spec.clusterIP'), 80)).length, 1);
});

scenario('a rollout under load fails no request', async () => {
  await web();
  cluster.apply(deployment('rolled', { replicas: 2 }), service('rolled', { selector: { app: 'rolled' } }));
  inNamespace('rollout', 'status', 'deployment/rolled', '--timeout=30s');
  const address = field('rolled', '.spec.clusterIP');
  const seen = new Map<string, number>();
  const abort = new AbortController();
  const clients = Array.from({ length: 4 }, async () => {
    while (!abort.signal.aborted) {
      const answer = await fetchText(address, 80, '/version');
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
    }
  });
  await until(() => seen.get('1') ?? 0, (count) => count > 50);
  cluster.apply(deployment('rolled', { replicas: 2, version: '2' }));
  const rollout = cluster.running(['-n', NAMESPACE, 'rollout', 'status', 'deployment/rolled', '--timeout=40s']);
  await until(() => rollout.out(), (text) => text.includes('successfully rolled out'), 40_000);
  await until(() => podsOf('rolled'), (pods) => pods.length === 2);
  abort.abort();
  await Promise.all(clients);
  assert.deepEqual([...seen.keys()].sort(), ['1', '2'], JSON.stringify([...seen]));
});

scenario('pods know services and pods by their names, and others through the host', async () => {
  const [pod = ''] = await web();
  cluster.apply(service('db', { clusterIP: 'None' }), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'alias', namespace: NAMESPACE }, spec: { type: 'ExternalName', externalName: 'web.net.svc.cluster.local' } });
  const inside = (script: string): string => inNamespace('exec', pod, '--', 'sh', '-c', script);
  const addresses = inNamespace('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.podIP}').split(' ').sort();
  const [first = ''] = addresses;
  await until(() => kubectl('-n', NAMESPACE, 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=db', '-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}').out, (all) => all === 'true true');
  const address = field('web', '.spec.clusterIP');
  const told = inside(['cat /etc/resolv.conf', 'echo', 'wget -qO- http://web/version', 'wget -qO- http://web.net/version', 'wget -qO- http://alias/version', ...['-type=a web.net.svc.cluster.local', '-type=a db.net.svc.cluster.local', '-type=srv _http._tcp.db.net.svc.cluster.local', address, `-type=a ${first.replaceAll('.', '-')}.net.pod.cluster.local`, '-type=a nobody.net.svc.cluster.local'].map((question) => `echo "? ${question}"; nslookup ${question}`), 'true'].join('; '));
  assert.match(told, /^nameserver 127\.0\.0\.11\nsearch net\.svc\.cluster\.local svc\.cluster\.local cluster\.local.*\noptions ndots:5\n/);
  assert.match(told, /\n\n1\n1\n1\n/, 'by the search domains');
  const answerTo = (question: string): string => told.split('? ').find((part) => part.startsWith(question)) ?? '';
  assert.match(answerTo('-type=a web.'), new RegExp(`Address: ${address}`));
  for (const each of addresses) assert.match(answerTo('-type=a db.'), new RegExp(`Address: ${each}`));
  assert.match(answerTo('-type=srv'), new RegExp(`0 100 8080 ${first.replaceAll('.', '-')}\\.db\\.net\\.svc\\.cluster\\.local`));
  assert.match(answerTo(address), /name = web\.net\.svc\.cluster\.local/);
  assert.match(answerTo(`-type=a ${first.split('.')[0] ?? ''}-`), new RegExp(`Address: ${first}`));
  assert.match(answerTo('-type=a nobody'), /NXDOMAIN/);
});

scenario('a policy keeps pods from each other as it says, and a pod is isolated before its program runs', async () => {
  const [one = '', two = ''] = await web();
  const direct = inNamespace('get', 'pod', two, '-o', 'jsonpath={.status.podIP}');
  // A pod has an address of IPv6 as well, where the host has any.
  const groups = /^(fd\w{30}|2\w{31}) /m.exec(inNamespace('exec', two, '--', 'cat', '/proc/net/if_inet6'))?.[1]?.match(/..../g) ?? [];
  const direct6 = groups.join(':');
  const isReached = (target: string): string => inNamespace('exec', one, '--', 'sh', '-c', `nc -w 1 ${target} 8080 </dev/null >/dev/null 2>&1 && echo yes || echo no`);
  if (direct6 !== '') assert.equal(isReached(direct6), 'yes', 'without a policy');
  const policy = (name: string, spec: object): object => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: NAMESPACE }, spec });
  cluster.apply(
    policy('closed', { podSelector: {}, policyTypes: ['Ingress'] }), policy('mute', { podSelector: { matchLabels: { is: 'muted' } }, policyTypes: ['Egress'] }),
    policy('open', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'friend' } } }, { ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 'http' }] }] }),
  );
  // What a new pod finds shut is shut for the first program that it runs.
  const client = (name: string, app: string, ...asked: readonly string[]): object => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NAMESPACE, labels: { app, is: name } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', asked.map((target) => `nc -w 1 ${target} </dev/null >/dev/null 2>&1 && echo yes || echo no`).join('; ')] }] },
  });
  cluster.apply(client('friend', 'friend', `${field('web', '.spec.clusterIP')} 80`, `${direct} 8080`, `${direct} 8081`), client('stranger', 'stranger', `${direct} 8080`), client('muted', 'friend', `${direct} 8080`), client('six', 'friend', `${direct6} 8080`));
  await until(() => inNamespace('get', 'pods', 'friend', 'stranger', 'muted', 'six', '-o', 'jsonpath={.items[*].status.phase}'), (phases) => phases === 'Succeeded Succeeded Succeeded Succeeded');
  assert.deepEqual(['friend', 'stranger', 'muted', 'six'].map((name) => inNamespace('logs', name)), ['yes\nyes\nno', 'no', 'no', 'no'], 'by the service and by itself');
  assert.match(await fetchText(direct, 8080), /^web-/, 'the node is let through, or no probe would succeed');
  inNamespace('delete', 'networkpolicies', '--all');
  await until(() => isReached(direct), (answer) => answer === 'yes');
}, existsSync('/proc/sys/net/bridge/bridge-nf-call-iptables') ? false : 'pods are neighbours on a bridge, and this kernel shows its frames to no firewall: br_netfilter is not there');

scenario('the service kubernetes leads to the API, and is there again when somebody deletes it', async () => {
  const [pod = ''] = await web();
  const dns = ok('-n', 'kube-system', 'get', 'service', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}');
  const told = inNamespace('exec', pod, '--', 'sh', '-c', `nc -w 2 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT < /dev/null && echo reached; nslookup -type=a kubernetes.default.svc.cluster.local ${dns}`);
  const address = ok('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}');
  assert.match(told, /^reached\n/);
  assert.match(told, new RegExp(`Address: ${address}`), 'the service for names knows it too');
  const config = JSON.parse(ok('config', 'view', '--raw', '-o', 'json')) as { readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }] };
  const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64');
  const health = await new Promise<string>((resolve, reject) => void getSecurely({ host: address, path: '/healthz', ca, agent: false }, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', reject));
  assert.equal(health, 'ok', 'under the name that its certificate has');
  ok('delete', 'service', 'kubernetes', '--wait=false');
  await until(() => kubectl('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}').out, (again) => again === address);
});

scenario('port-forward leads to a port of a pod, and says where nobody listens', async () => {
  const pods = await web();
  // By WebSocket, as kubectl does today, and by SPDY, as it did before.
  for (const more of [{}, { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }]) {
    const forward = cluster.running(['-n', NAMESPACE, 'port-forward', 'service/web', ':80'], more);
    const [, port = ''] = /127\.0\.0\.1:(\d+) -> 8080/.exec(await until(() => forward.out(), (text) => text.includes('[::1]'))) ?? [];
    assert.ok(pods.includes(await fetchText('127.0.0.1', Number(port))));
    assert.deepEqual(await answers('127.0.0.1', Number(port), 8), [await fetchText('127.0.0.1', Number(port))], 'many at once, of one pod');
    forward.end();
  }
  const nobody = cluster.running(['-n', NAMESPACE, 'port-forward', `pod/${pods[0] ?? ''}`, ':81']);
  const [, closed = ''] = /127\.0\.0\.1:(\d+) -> 81/.exec(await until(() => nobody.out(), (text) => text.includes('[::1]'))) ?? [];
  assert.notEqual(await fetchText('127.0.0.1', Number(closed)), pods[0]);
  await until(() => nobody.err(), (text) => /error forwarding port 81 to pod net\/web-.*connection refused/.test(text));
  nobody.end();
});

scenario('services and names outlive the daemon: connections go on without it, and it takes up what is there', async () => {
  const pods = await web();
  const address = field('web', '.spec.clusterIP');
  await cluster.daemon.crash();
  assert.deepEqual(await answers(address, 80), pods, 'the kernel needs nobody for it');
  await cluster.daemon.up();
  const port = /:(\d+)/.exec(await until(() => gantry('cluster', 'status').out, (text) => text.startsWith('running')))?.[1];
  ok('config', 'set-cluster', 'gantry', `--server=https://127.0.0.1:${port}`);
  assert.deepEqual(await answers(address, 80), pods);
  assert.equal(inNamespace('exec', pods[0] ?? '', '--', 'wget', '-qO-', 'http://web/version'), '1');
  inNamespace('delete', 'service', 'web');
  await refused(address, 80);
});
