import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import type { JsonObject } from '#base/json.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { serviceRules } from '#cluster/kinds/rules/service.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { parseCidr } from '#net/cidr.ts';
import { Claims } from '../claims.ts';
import { ServiceClaims } from '../service-claims.ts';
import { Simulation } from '../_simulation.ts';
import { serviceAllocation } from './service-allocation.ts';

const PATH = '/api/v1/namespaces/default/services';
const service = (name: string, spec: JsonObject = {}): JsonObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

async function open(range = '10.96.0.0/24'): Promise<{ simulation: Simulation; claims: Claims; released: ServiceClaims; of: (body: JsonObject) => JsonObject; services: () => Promise<readonly KubeObject[]> }> {
  let claims: Claims | undefined;
  const validate = (object: KubeObject, old: KubeObject | undefined) => [...serviceRules.validate?.(object) ?? [], ...(old === undefined ? [] : serviceRules.validateUpdate?.(object, old) ?? [])];
  const simulation = new Simulation(({ view, clock }) => ({
    reads: ['services'], plugins: [{ name: 'late', create: async (...args) => await plugin(view, clock).create?.(...args) ?? args[1], update: async (...args) => await plugin(view, clock).update?.(...args) ?? args[1] }],
  }), rulesOf);
  claims = new Claims(simulation.store);
  await claims.open();
  const present = claims;
  const plugin = (view: Simulation['view'], clock: Simulation['clock']) => serviceAllocation({ claims: present, range: parseCidr(range), view, validate, clock, random: new SeededRandom(2) });
  const services = async (): Promise<readonly KubeObject[]> => (await simulation.objects.list(simulation.registry.find('', 'v1', 'services')!, undefined)).items;
  const released = new ServiceClaims({ claims, services: () => simulation.view.list('services'), clock: simulation.clock, timers: simulation.clock, log: assert.fail });
  return { simulation, claims, released, of: (body) => body['spec'] as JsonObject, services };
}

test('a service gets an address of the range that nobody else has, and keeps it', async () => {
  const { simulation, of } = await open();
  const addresses = new Set<unknown>();
  for (let at = 0; at < 40; at += 1) addresses.add(of((await simulation.ask('POST', PATH, service(`s${at}`))).body)['clusterIP']);
  assert.equal(addresses.size, 40);
  for (const address of addresses) assert.ok(Number(String(address).split('.')[3]) > 16, `${String(address)} is not of those that are asked for by name`);
  const { body } = await simulation.ask('GET', `${PATH}/s0`);
  assert.deepEqual(of(body)['clusterIPs'], [of(body)['clusterIP']]);
  const replaced = await simulation.ask('PUT', `${PATH}/s0`, service('s0', { ports: [{ port: 81 }] }));
  assert.equal(of(replaced.body)['clusterIP'], of(body)['clusterIP']);
  const moved = await simulation.ask('PUT', `${PATH}/s0`, service('s0', { clusterIP: '10.96.0.3' }));
  assert.match(String(moved.body['message']), /spec\.clusterIP: Invalid value: "10\.96\.0\.3": field is immutable/);
});

test('an address that is asked for is given once, and only from the range', async () => {
  const { simulation, of } = await open();
  assert.equal(of((await simulation.ask('POST', PATH, service('dns', { clusterIP: '10.96.0.10' }))).body)['clusterIP'], '10.96.0.10');
  const again = await simulation.ask('POST', PATH, service('other', { clusterIP: '10.96.0.10' }));
  assert.deepEqual([again.code, again.body['message']], [422, 'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated']);
  const outside = await simulation.ask('POST', PATH, service('out', { clusterIP: '10.97.0.1' }));
  assert.match(String(outside.body['message']), /the provided IP \(10\.97\.0\.1\) is not in the valid range\. The range of valid IPs is 10\.96\.0\.0\/24/);
});

test('headless services and names of others have no address', async () => {
  const { simulation, of } = await open();
  assert.deepEqual(of((await simulation.ask('POST', PATH, service('h', { clusterIP: 'None' }))).body)['clusterIPs'], ['None']);
  assert.equal(of((await simulation.ask('POST', PATH, service('n', { type: 'ExternalName', externalName: 'example.com' }))).body)['clusterIP'], undefined);
});

test('addresses are of the one family that there is', async () => {
  const { simulation, of } = await open();
  const refused = async (spec: object): Promise<string> => String((await simulation.ask('POST', PATH, service('x', spec as JsonObject))).body['message']);
  assert.match(await refused({ ipFamilies: ['IPv6'] }), /spec\.ipFamilies\[0\]: Invalid value: "IPv6": not configured on this cluster/);
  assert.match(await refused({ ipFamilyPolicy: 'RequireDualStack' }), /spec\.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services/);
  const { body } = await simulation.ask('POST', PATH, service('either', { ipFamilyPolicy: 'PreferDualStack' }));
  assert.deepEqual([of(body)['ipFamilyPolicy'], of(body)['ipFamilies']], ['PreferDualStack', ['IPv4']]);
  assert.equal((await simulation.ask('POST', PATH, service('names', { clusterIP: 'None', ipFamilyPolicy: 'RequireDualStack' }))).code, 201, 'it only names others');
});

test('what is for clients from outside goes with the type', async () => {
  const { simulation, of } = await open();
  await simulation.ask('POST', PATH, service('out', { type: 'LoadBalancer', loadBalancerClass: 'a.example/b' }));
  const { code, body } = await simulation.ask('PATCH', `${PATH}/out`, { spec: { type: 'ClusterIP' } }, { type: 'application/merge-patch+json' });
  assert.equal(code, 200, JSON.stringify(body));
  assert.deepEqual(['externalTrafficPolicy', 'allocateLoadBalancerNodePorts', 'loadBalancerClass'].map((name) => of(body)[name]), [undefined, undefined, undefined]);
});

test('node ports are of the range and of one service each, a number for each protocol', async () => {
  const { simulation, of } = await open();
  const ports = (body: JsonObject): (number | undefined)[] => (of(body)['ports'] as { nodePort?: number }[]).map(({ nodePort }) => nodePort);
  const two = { type: 'NodePort', ports: [{ name: 'a', port: 53, nodePort: 30_053 }, { name: 'b', port: 53, protocol: 'UDP', nodePort: 30_053 }] };
  assert.deepEqual(ports((await simulation.ask('POST', PATH, service('two', two))).body), [30_053, 30_053]);
  const [drawn = 0] = ports((await simulation.ask('POST', PATH, service('drawn', { type: 'NodePort' }))).body);
  assert.ok(drawn >= 30_000 && drawn <= 32_767);
  const taken = await simulation.ask('POST', PATH, service('taken', { type: 'NodePort', ports: [{ port: 1, nodePort: 30_053 }] }));
  assert.match(String(taken.body['message']), /spec\.ports\[0\]\.nodePort: Invalid value: 30053: provided port is already allocated/);
  const low = await simulation.ask('POST', PATH, service('low', { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] }));
  assert.match(String(low.body['message']), /provided port is not in the valid range\. The range of valid ports is 30000-32767/);
  assert.deepEqual(ports((await simulation.ask('PUT', `${PATH}/drawn`, service('drawn', { type: 'NodePort' }))).body), [drawn], 'it keeps what it had');
  assert.deepEqual(ports((await simulation.ask('PATCH', `${PATH}/drawn`, { spec: { type: 'ClusterIP' } }, { type: 'application/merge-patch+json' })).body), [undefined]);
});

test('what a service had is given again when it is gone, and not before', async () => {
  const { simulation, released, claims, of } = await open('10.96.0.0/30');
  const first = await simulation.ask('POST', PATH, service('one', { clusterIP: '10.96.0.1' }));
  await simulation.ask('POST', PATH, service('two'));
  const full = await simulation.ask('POST', PATH, service('three'));
  assert.match(String(full.body['message']), /range is full/);
  await simulation.ask('DELETE', `${PATH}/one`);
  assert.equal((await simulation.ask('POST', PATH, service('three'))).code, 500);
  released.onChange(undefined, first.body as unknown as KubeObject);
  assert.equal(of((await simulation.ask('POST', PATH, service('three'))).body)['clusterIP'], '10.96.0.1');
  released.onChange(undefined, first.body as unknown as KubeObject);
  await claims.take({ what: 'nothing', owner: 'nobody', atMs: 0 });
  assert.equal((await simulation.ask('POST', PATH, service('four'))).code, 500, 'who has it now keeps it');
});

test('what a request that came to nothing left behind is given back after a while', async () => {
  const { simulation, claims, released, services } = await open();
  await simulation.ask('POST', PATH, service('kept'));
  await claims.take({ what: 'service-address/10.96.0.99', owner: 'nobody', atMs: Number(simulation.clock.nowNs() / 1_000_000n) });
  await simulation.view.refresh(simulation.objects, simulation.registry, ['services']);
  await released.open();
  assert.equal((await claims.list()).length, 2, 'the service may be on its way');
  simulation.clock.advance(60_000);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  assert.deepEqual((await claims.list()).map(({ owner }) => owner), (await services()).map(({ metadata }) => metadata.uid));
  released.close();
});

test('a dry run takes nothing, and what is refused gets nothing', async () => {
  const { simulation, claims } = await open();
  assert.equal((await simulation.ask('POST', `${PATH}?dryRun=All`, service('dry', { clusterIP: '10.96.0.5' }))).code, 201);
  assert.equal((await simulation.ask('POST', PATH, service('wrong', { ports: [{ port: 0 }] }))).code, 422);
  assert.deepEqual(await claims.list(), []);
});

test('a balancer that leads to those on each node alone has a port at which it asks, as long as it does', async () => {
  const { simulation, of, claims } = await open();
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const first = of((await simulation.ask('POST', PATH, service('a', local))).body)['healthCheckNodePort'];
  assert.ok(Number(first) >= 30_000 && Number(first) <= 32_767, String(first));
  assert.equal(of((await simulation.ask('PUT', `${PATH}/a`, service('a', local))).body)['healthCheckNodePort'], first, 'it stays');
  const put = async (name: string, spec: JsonObject): Promise<unknown> => (await simulation.ask('PUT', `${PATH}/${name}`, service(name, spec))).body['message'];
  assert.match(String(await put('a', { ...local, healthCheckNodePort: 30_123 })), /spec\.healthCheckNodePort: Invalid value: 30123: field is immutable/);
  const post = async (name: string, spec: JsonObject): Promise<unknown> => (await simulation.ask('POST', PATH, service(name, { ...local, ...spec }))).body['message'];
  assert.match(String(await post('b', { healthCheckNodePort: Number(first) })), /spec\.healthCheckNodePort: Invalid value: \d+: provided port is already allocated/);
  assert.match(String(await post('b', { healthCheckNodePort: 80 })), /spec\.healthCheckNodePort: Invalid value: 80: provided port is not in the valid range\. The range of valid ports is 30000-32767/);
  assert.match(String(await post('b', { healthCheckNodePort: 30_500, ports: [{ port: 80, nodePort: 30_500 }] })), /provided port is already allocated/);
  const cluster = await simulation.ask('PUT', `${PATH}/a`, service('a', { type: 'LoadBalancer' }));
  assert.equal(of(cluster.body)['healthCheckNodePort'], undefined, 'it goes with what it was for');
  assert.ok(claims.isTaken(`node-port/TCP/${String(first)}`), 'until the change is seen');
});
