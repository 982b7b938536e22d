import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { isKind } from '#base/error.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { routerOf } from '#container/model/gateway.ts';
import { newId, type ContainerId, type NetworkId } from '#container/model/ids.ts';
import type { Network } from '#container/model/network.ts';
import type { EndpointRequest } from '#container/model/sandbox.ts';
import { plainEndpoint } from '#container/model/container-row.ts';
import { chooseEndpoint } from './endpoint-choice.ts';
import { NetworkClaims } from './network-claims.ts';
import { planSubnets } from './network-plan.ts';

const hasher = new SystemHasher();
const random = new SeededRandom(1);
const world = { used: [], networks: [], seed: 'seed', hasher };

function street(): Network {
  const subnets = planSubnets({
    ipv4: { cidr: '192.0.2.48/30', gateway: '192.0.2.49' }, ipv6: { cidr: '2001:db8:1::/64' }, further: [{ cidr: '198.51.100.0/24' }, { cidr: '2001:db8:2::/64', gateway: '2001:db8:2::9' }],
  }, world);
  return { id: newId<NetworkId>(random), name: 'street', driver: 'macvlan', macvlan: { parent: 'eth0', mode: 'bridge' }, ...subnets, internal: false, mtu: 1500, createdNs: '0', labels: {}, options: {} };
}

test('a network of several subnets gives places from the first that has room, or from the one that is asked for', () => {
  const network = street();
  const claims = new NetworkClaims();
  let entered = 0;
  const enter = (asked: Partial<EndpointRequest> = {}): string => {
    const endpoint = chooseEndpoint({ sandbox: '0'.repeat(64), request: { ...plainEndpoint('street'), ...asked }, network, taken: claims.takenIn(network, 'nobody' as ContainerId), interfaceName: 'eth0' }, { random, hasher });
    claims.take(String(entered++) as ContainerId, 'web', { endpoints: [endpoint], published: [] });
    return [endpoint.ipv4, endpoint.ipv6].map((place) => `${place?.address}/${place?.prefixLength} by ${place?.gateway}`).join(', ');
  };
  assert.equal(enter(), '192.0.2.50/30 by 192.0.2.49, 2001:db8:1::2/64 by 2001:db8:1::1');
  assert.match(enter(), /^198\.51\.100\.2\/24 by 198\.51\.100\.1, 2001:db8:1::/);
  assert.equal(enter({ ipv4: '198.51.100.77', ipv6: '2001:db8:2::5' }), '198.51.100.77/24 by 198.51.100.1, 2001:db8:2::5/64 by 2001:db8:2::9');
  assert.throws(() => enter({ ipv4: '198.51.100.77' }), { message: 'Address already in use' });
  assert.throws(() => enter({ ipv4: '203.0.113.1' }), /no configured subnet or ip-range contain the IP address 203\.0\.113\.1/);
});

test('subnets of one network overlap neither each other nor those of others', () => {
  const overlaps = (error: unknown): boolean => isKind(error, 'forbidden') && /Pool overlaps/.test(String(error));
  assert.throws(() => planSubnets({ ipv4: { cidr: '192.0.2.0/24' }, further: [{ cidr: '192.0.2.128/25' }] }, world), overlaps);
  assert.throws(() => planSubnets({ ipv4: { cidr: '198.51.100.128/25' } }, { ...world, networks: [street()] }), overlaps);
});

test('an ipvlan link has the address of the link below, and on layer 3 leads out by itself', () => {
  const { macvlan: _, ...plain } = street();
  const placeIn = (mode: 'l2' | 'l3', internal = false) => chooseEndpoint({
    sandbox: '0'.repeat(64), request: plainEndpoint('street'), network: { ...plain, driver: 'ipvlan', internal, ipvlan: { parent: 'eth0', mode, flag: 'bridge' } },
    taken: new NetworkClaims().takenIn(plain, 'nobody' as ContainerId), interfaceName: 'eth0',
  }, { random, hasher });
  assert.equal(placeIn('l2').macAddress, '');
  assert.equal(placeIn('l2').ipv4?.gateway, '192.0.2.49');
  const { ipv4, ipv6 } = placeIn('l3');
  assert.deepEqual([ipv4?.gateway, ipv6?.gateway, routerOf(ipv4), routerOf(ipv6)], ['0.0.0.0', '::', undefined, undefined]);
  assert.equal(placeIn('l3', true).ipv4?.gateway, undefined);
});
