import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerId } from '#container/model/ids.ts';
import type { PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { AddressAllocator } from '#net/address-allocator.ts';
import { parseCidr } from '#net/cidr.ts';
import { formatIp } from '#net/ip.ts';
import { NetworkClaims } from './network-claims.ts';

const port = (hostAddress: string, hostPort: number, protocol: 'tcp' | 'udp' = 'tcp'): PublishedPort => ({ hostAddress, hostPort, protocol, containerPort: 80 });

test('ports clash where one host address serves both', () => {
  const cases: readonly [PublishedPort, PublishedPort, boolean][] = [
    [port('0.0.0.0', 80), port('0.0.0.0', 80), true], [port('0.0.0.0', 80), port('127.0.0.1', 80), true], [port('127.0.0.1', 80), port('127.0.0.2', 80), false],
    [port('0.0.0.0', 80), port('::', 80), false], [port('::', 80), port('::1', 80), true], [port('0.0.0.0', 80), port('0.0.0.0', 81), false], [port('0.0.0.0', 80), port('0.0.0.0', 80, 'udp'), false],
  ];
  for (const [first, second, clashes] of cases) {
    const claims = new NetworkClaims();
    claims.take('1' as ContainerId, 'one', { endpoints: [], published: [first] });
    assert.equal(claims.isPortTaken(second), clashes, `${first.hostAddress}:${first.hostPort} and ${second.hostAddress}:${second.hostPort}`);
  }
});

test('who goes and comes back leaves its addresses, and keeps its ports', () => {
  const claims = new NetworkClaims();
  const endpoint = { network: 'bridge' } as Endpoint;
  const claim = { endpoints: [endpoint], published: [port('0.0.0.0', 80), port('::', 80)] };
  claims.take('1' as ContainerId, 'one', claim);
  claims.keepPorts('1' as ContainerId);
  assert.deepEqual(claims.endpointsOf({ name: 'bridge' }), []);
  assert.throws(() => claims.take('2' as ContainerId, 'two', claim), /port is already allocated/);
  assert.throws(() => claims.take('2' as ContainerId, 'two', claim), /port is already allocated/, 'the refusal took nothing away');
  claims.take('1' as ContainerId, 'one', claim);
  claims.take('3' as ContainerId, 'three', { endpoints: [], published: [port('0.0.0.0', 81)] });
  assert.throws(() => claims.take('1' as ContainerId, 'one', { endpoints: [], published: [port('0.0.0.0', 81)] }), /already allocated/);
  assert.equal(claims.isPortTaken(port('0.0.0.0', 80)), true, 'what was there before a refusal stays');
});

test('what is released can be taken again', () => {
  const claims = new NetworkClaims();
  const claim = { endpoints: [], published: [port('0.0.0.0', 80)] };
  claims.take('1' as ContainerId, 'one', claim);
  assert.throws(() => claims.take('2' as ContainerId, 'two', claim), /Bind for 0\.0\.0\.0:80 failed: port is already allocated/);
  claims.release('1' as ContainerId);
  claims.take('2' as ContainerId, 'two', claim);
});

test('addresses are taken as long as somebody has them, each in its network', () => {
  const claims = new NetworkClaims();
  const at = (network: string, ...[ipv4, ipv6]: readonly string[]): Endpoint => ({
    network, ...(ipv4 === undefined ? {} : { ipv4: { address: ipv4, prefixLength: 24 } }), ...(ipv6 === undefined ? {} : { ipv6: { address: ipv6, prefixLength: 64 } }),
  } as Endpoint);
  const [one, two, nobody] = ['1', '2', ''] as ContainerId[];
  assert.ok(one !== undefined && two !== undefined && nobody !== undefined);
  const free = (network: string, except = nobody): string => {
    const { ipv4, ipv6 } = claims.takenIn({ name: network }, except);
    const next = (cidr: string, taken: typeof ipv4): string => formatIp(AddressAllocator.of({ subnet: parseCidr(cidr), order: 'lowest', taken }).next().ip);
    return `${next('192.0.2.0/24', ipv4)} ${next('2001:db8::/64', ipv6)}`;
  };
  assert.equal(free('bridge'), '192.0.2.2 2001:db8::2');
  claims.take(one, 'one', { endpoints: [at('bridge', '192.0.2.2', '2001:db8::2'), at('back', '192.0.2.2')], published: [] });
  claims.take(two, 'two', { endpoints: [at('bridge', '192.0.2.3')], published: [] });
  assert.deepEqual([free('bridge'), free('back'), free('other')], ['192.0.2.4 2001:db8::3', '192.0.2.3 2001:db8::2', '192.0.2.2 2001:db8::2']);
  assert.equal(free('bridge', one), '192.0.2.2 2001:db8::2', 'its own are no obstacle to it');
  claims.move(one, [at('back', '192.0.2.2')]);
  assert.deepEqual([free('bridge'), free('back')], ['192.0.2.2 2001:db8::2', '192.0.2.3 2001:db8::2']);
  claims.take(one, 'one', { endpoints: [at('bridge', '192.0.2.2')], published: [] });
  assert.deepEqual([free('bridge'), free('back')], ['192.0.2.4 2001:db8::2', '192.0.2.2 2001:db8::2']);
  claims.keepPorts(two);
  claims.release(one);
  assert.equal(free('bridge'), '192.0.2.2 2001:db8::2');
});
