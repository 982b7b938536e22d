import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { GantryError } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { FakeObjectCache } from '#cluster/loop/fake-object-cache.ts';
import { openHealthDoor } from './edge/health-door.ts';
import { HealthPorts, type HealthAnswer } from './health-ports.ts';

const service = (spec: JsonObject): KubeObject => asObject({ kind: 'Service', metadata: { name: 'web', namespace: 'a', uid: 'u' }, spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ...spec } });
const endpoint = (address: string, nodeName: string, ready = true): JsonObject => ({ addresses: [address], nodeName, conditions: { ready } });

function world(): { readonly services: FakeObjectCache; readonly ports: HealthPorts; readonly doors: Map<number, () => HealthAnswer>; readonly clock: ManualClock; readonly taken: Set<number>; endpoints: JsonObject[] } {
  const [services, clock, doors, taken] = [new FakeObjectCache(), new ManualClock(), new Map<number, () => HealthAnswer>(), new Set<number>()];
  const made = { services, clock, doors, taken, endpoints: [] as JsonObject[] };
  const ports = new HealthPorts({
    nodeName: 'here', services, slices: { of: () => [asObject({ addressType: 'IPv4', endpoints: made.endpoints } as unknown as JsonObject)] }, timers: clock, log: () => {},
    async open(port, answer) {
      if (taken.has(port)) throw new GantryError('conflict', 'taken');
      doors.set(port, answer);
      return { close: () => void doors.delete(port) };
    },
  });
  return Object.assign(made, { ports });
}

test('a balancer is told how many on this node serve', async () => {
  const made = world();
  made.services.put(service({ healthCheckNodePort: 30_001 }));
  made.ports.open();
  await made.clock.run(0);
  made.endpoints = [endpoint('10.0.0.1', 'here'), endpoint('10.0.0.1', 'here'), endpoint('10.0.0.2', 'here', false), endpoint('10.0.0.3', 'there')];
  assert.deepEqual(made.doors.get(30_001)?.(), { namespace: 'a', name: 'web', localEndpoints: 1 });
});

test('a door comes and goes with its service, and what another program has is tried again', async () => {
  const made = world();
  made.ports.open();
  made.taken.add(30_001);
  made.services.put(service({ healthCheckNodePort: 30_001 }));
  await made.clock.run(0);
  assert.equal(made.doors.size, 0);
  made.taken.clear();
  await made.clock.run(10_000);
  assert.deepEqual([...made.doors.keys()], [30_001]);
  made.services.put(service({ healthCheckNodePort: 30_002 }));
  await made.clock.run(0);
  assert.deepEqual([...made.doors.keys()], [30_002]);
  made.services.put(service({ healthCheckNodePort: 30_002, externalTrafficPolicy: 'Cluster' }));
  assert.equal(made.doors.size, 0);
  made.services.put(service({ healthCheckNodePort: 30_002 }));
  await made.clock.run(0);
  made.services.remove(service({}));
  assert.equal(made.doors.size, 0);
  made.services.put(service({ healthCheckNodePort: 30_003 }));
  await made.clock.run(0);
  made.ports.close();
  assert.equal(made.doors.size, 0);
});

test('a door answers as kube-proxy does', async (context) => {
  const finder = createServer().listen(0);
  const { port } = finder.address() as AddressInfo;
  await new Promise((resolve) => finder.close(resolve));
  let localEndpoints = 0;
  const door = await openHealthDoor(port, () => ({ namespace: 'a', name: 'web', localEndpoints }));
  context.after(() => door.close());
  const ask = async (): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } });
    return [answer.status, answer.headers.get('x-load-balancing-endpoint-weight'), await answer.json()];
  };
  assert.deepEqual(await ask(), [503, '0', { service: { namespace: 'a', name: 'web' }, localEndpoints: 0, serviceProxyHealthy: true }]);
  localEndpoints = 2;
  assert.deepEqual(await ask(), [200, '2', { service: { namespace: 'a', name: 'web' }, localEndpoints: 2, serviceProxyHealthy: true }]);
  await assert.rejects(openHealthDoor(port, () => ({ namespace: '', name: '', localEndpoints: 0 })), /EADDRINUSE/);
});
