import assert from 'node:assert/strict';
import { get, Agent } from 'node:http';
import { kubectlScenarios } from './world/cluster.ts';

/** One cluster for all: what a service needs is made once, and each scenario looks at another side of it. */
const cluster = kubectlScenarios('kubectl-service-scenarios');
const { scenario, ok, kubectl, apply, until } = cluster;

const sh = (script: string, more: object = {}): object => ({ name: 'c', image: 'busybox', command: ['sh', '-c', script], ...more });
/** Told to end, it takes no more clients at once, and lets those finish whom it has. */
const SERVE = 'mkdir -p /www; hostname > /www/index.html; echo "$VERSION" > /www/version; httpd -f -p 8080 -h /www & trap "kill $!; sleep 0.5; exit 0" TERM; while :; do wait; done';
const deployment = (name: string, replicas: number, version = '1'): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: {
    replicas, selector: { matchLabels: { app: name } }, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 5, containers: [sh(SERVE, { env: [{ name: 'VERSION', value: version }], readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } })] } },
  },
});
const service = (name: string, spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...spec } });

/** The body, or the code of what went wrong. */
function fetchText(host: string, port: number, path = '/'): Promise<string> {
  return new Promise((resolve) => void get({ host, port, path, agent: new Agent({ keepAlive: false }), timeout: 3000 }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve(text.trim()));
  }).on('timeout', function onTimeout(this: { destroy(error: Error): void }) { this.destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })); }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error')));
}

const field = (name: string, path: string): string => ok('get', 'service', name, '-o', `jsonpath={${path}}`);
const addressOf = (name: string): string => field(name, '.spec.clusterIP');
async function answers(host: string, port: number, count: number): Promise<Set<string>> {
  return new Set(await Promise.all(Array.from({ length: count }, () => fetchText(host, port))));
}
const ready = (name: string): string => ok('rollout', 'status', `deployment/${name}`, '--timeout=30s');

scenario('a service has an address that leads to all of its pods, from the host and from pods', async () => {
  apply(deployment('web', 2), service('web', {}));
  ready('web');
  const address = addressOf('web');
  assert.match(address, /^10\./);
  await until(() => ok('get', 'endpointslices', '-l', 'kubernetes.io/service-name=web', '-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}'), (all) => all === 'true true');
  const pods = ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}').split(' ');
  assert.deepEqual([...await answers(address, 80, 40)].sort(), pods.toSorted());
  const [first = ''] = pods;
  assert.deepEqual(new Set(ok('exec', first, '--', 'sh', '-c', `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do wget -qO- http://${address}/; done`).split('\n')), new Set(pods), 'itself among them');
  assert.equal(await fetchText(address, 81), 'ECONNREFUSED', 'a port that it does not have');
  assert.match(kubectl('patch', 'service', 'web', '-p', '{"spec":{"clusterIP":"10.96.0.77"}}').err, /field is immutable/);
});
