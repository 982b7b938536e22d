import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { FakeObjectCache } from '#cluster/loop/fake-object-cache.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { RefusedPorts } from '#container/engine/port.ts';
import type { Frontend } from '#net/service/model.ts';
import { balancedStatus, ServiceBalancer, type BalancerWrites } from './service-balancer.ts';
import { ServiceProxy } from './service-proxy.ts';
import { SliceIndex } from './slice-index.ts';

/** An engine that answers when it is told to. */
class FakeServices {
  readonly puts: ReadonlyMap<string, readonly Frontend[]>[] = [];
  failures = 0;
  gate: Promise<void> = Promise.resolve();
  all: ReadonlyMap<string, readonly Frontend[]> = new Map();

  async claim(): Promise<void> {}
  async remove(): Promise<void> {}
  refused: RefusedPorts = new Map();
  async replace(_range: string, all: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts> {
    this.all = all;
    return this.refused;
  }

  async put(changes: ReadonlyMap<string, readonly Frontend[]>): Promise<RefusedPorts> {
    this.puts.push(changes);
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the kernel would not');
    }
    return new Map([...this.refused].filter(([owner]) => changes.has(owner)));
  }
}

const meta = (name: string, more: object = {}): object => ({ name, namespace: 'd', ...more });
const service = (name: string): KubeObject => ({ kind: 'Service', metadata: meta(name), spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }] } }) as unknown as KubeObject;
const slice = (of: string, pods: readonly (readonly [string, boolean])[]): KubeObject => ({
  kind: 'EndpointSlice', metadata: meta(`${of}-1`, { labels: { 'kubernetes.io/service-name': of } }), addressType: 'IPv4', ports: [{ name: '', protocol: 'TCP', port: 8080 }],
  endpoints: pods.map(([name, ready], at) => ({ addresses: [`10.1.0.${at + 1}`], conditions: { ready }, targetRef: { kind: 'Pod', name, namespace: 'd', uid: `uid-${name}` } })),
}) as unknown as KubeObject;
const pod = (name: string): KubeObject => ({ kind: 'Pod', metadata: meta(name, { uid: `uid-${name}` }) }) as unknown as KubeObject;
const settle = async (): Promise<void> => { for (let turn = 0; turn < 30; turn += 1) await Promise.resolve(); };

async function open(): Promise<{ services: FakeObjectCache; slices: FakeObjectCache; engine: FakeServices; clock: ManualClock; proxy: ServiceProxy; withdrawn: string[]; said: string[] }> {
  const [services, slices, engine, clock] = [new FakeObjectCache(), new FakeObjectCache(), new FakeServices(), new ManualClock()];
  const [withdrawn, said]: [string[], string[]] = [[], []];
  const writes: BalancerWrites = {
    serviceStatus: async (of, status) => { services.put({ ...of, status }); said.push(`${of.metadata.name}: ${JSON.stringify(status)}`); },
    serviceEvent: async (of, _type, reason, message) => void said.push(`${of.metadata.name}: ${reason}: ${message}`),
  };
  const proxy = new ServiceProxy({ nodeName: 'here', range: '10.96.0.0/16', services: services as unknown as ObjectCache, slices: new SliceIndex(slices as unknown as ObjectCache), engine, balancer: new ServiceBalancer(writes, '192.0.2.1'), address: '192.0.2.1', timers: clock, log: (line) => said.push(line) });
  proxy.onWithdrawn((key) => withdrawn.push(key));
  services.put(service('web'));
  slices.put(slice('web', [['a', true], ['b', true]]));
  await proxy.open();
  return { services, slices, engine, clock, proxy, withdrawn, said };
}

test('all services are one table when it opens, and then only those that changed are told', async () => {
  const { services, engine } = await open();
  assert.deepEqual([...engine.all.keys()], ['d/web']);
  assert.equal(engine.puts.length, 0);
  services.put(service('other'));
  services.put(service('third'));
  await settle();
  assert.deepEqual(engine.puts.map((changes) => [...changes.keys()]), [['d/other', 'd/third']], 'many in one transaction');
  services.remove(service('other'));
  await settle();
  assert.deepEqual([...engine.puts[1] ?? []], [['d/other', []]]);
});

test('a pod is withdrawn when the kernel has it so, not when somebody says so', async () => {
  const { slices, engine, proxy, withdrawn } = await open();
  const gate = Promise.withResolvers<void>();
  engine.gate = gate.promise;
  slices.put(slice('web', [['a', false], ['b', true]]));
  await settle();
  assert.ok(proxy.leadsTo(pod('a')), 'its connections may come still');
  gate.resolve();
  await settle();
  assert.ok(!proxy.leadsTo(pod('a')));
  assert.ok(proxy.leadsTo(pod('b')));
  assert.deepEqual(withdrawn, ['d/a']);
});

test('a pod of which a slice has just said that it is ready counts already', async () => {
  const { slices, engine, proxy } = await open();
  engine.gate = new Promise(() => {});
  slices.put(slice('web', [['a', true], ['b', true], ['c', true]]));
  assert.ok(proxy.leadsTo(pod('c')));
});

test('what fails is tried again, later each time, with what changed meanwhile', async () => {
  const { slices, services, engine, clock, proxy, said } = await open();
  engine.failures = 2;
  slices.put(slice('web', [['b', true]]));
  await settle();
  services.put(service('other'));
  clock.advance(100);
  await settle();
  assert.ok(proxy.leadsTo(pod('a')));
  clock.advance(200);
  await settle();
  assert.deepEqual(engine.puts.map((changes) => [...changes.keys()].sort()), [['d/web'], ['d/other', 'd/web'], ['d/other', 'd/web']]);
  assert.ok(!proxy.leadsTo(pod('a')));
  assert.deepEqual(said.length, 2);
});

const balanced = (name: string, port: number, more: object = {}): KubeObject => ({ kind: 'Service', metadata: meta(name, { uid: `uid-${name}` }), spec: { type: 'LoadBalancer', clusterIP: '10.96.0.8', ports: [{ port }], ...more }, status: { loadBalancer: {} } }) as unknown as KubeObject;

test('a service that the node balances has its address when its ports are served, and says so where others have them', async () => {
  const { services, engine, clock, said } = await open();
  services.put(balanced('out', 80));
  await settle();
  assert.deepEqual(said, ['out: {"loadBalancer":{"ingress":[{"ip":"192.0.2.1","ipMode":"VIP"}]}}']);
  engine.refused = new Map([['d/second', ['81/tcp']]]);
  services.put(balanced('second', 81));
  await settle();
  assert.deepEqual(said.slice(1), ['second: PortTaken: a program or a container of the node has 81/tcp: the service is not reached there; it is tried again']);
  clock.advance(10_000);
  await settle();
  assert.equal(said.length, 2, 'it is told once');
  engine.refused = new Map();
  clock.advance(10_000);
  await settle();
  assert.deepEqual(said.slice(2), ['second: {"loadBalancer":{"ingress":[{"ip":"192.0.2.1","ipMode":"VIP"}]}}']);
  const { length } = engine.puts;
  clock.advance(60_000);
  await settle();
  assert.equal(engine.puts.length, length, 'nothing is left to try');
});

test('what a service gives back is tried for another at once', async () => {
  const { services, engine, said } = await open();
  services.put(balanced('first', 80));
  engine.refused = new Map([['d/second', ['80/tcp']]]);
  services.put(balanced('second', 80));
  await settle();
  engine.refused = new Map();
  services.remove(balanced('first', 80));
  await settle();
  assert.match(said.at(-1) ?? '', /^second: \{"loadBalancer":\{"ingress"/);
});

for (const [what, of, refused, expected] of [
  ['one that somebody else balances is his', balanced('a', 80, { loadBalancerClass: 'x.example/y' }), [], undefined],
  ['one that says so already is left alone', { ...balanced('a', 80), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } } }, [], undefined],
  ['one whose port another took has no address any more', { ...balanced('a', 80), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } } }, ['80/tcp'], { loadBalancer: {} }],
  ['a node port that others have is no port of the balancer', balanced('a', 80), ['30080/tcp'], { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } }],
  ['one that is no balancer any more has none', { ...balanced('a', 80, { type: 'ClusterIP' }), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] }, conditions: [] } }, [], { loadBalancer: {}, conditions: [] }],
  ['what another wrote stays', { ...balanced('a', 80), status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } } }, [], undefined],
  ['a service of the cluster alone has nothing to say', service('a'), [], undefined],
] as const) test(`balancer: ${what}`, () => assert.deepEqual(balancedStatus(of as unknown as KubeObject, refused, '192.0.2.1'), expected));
