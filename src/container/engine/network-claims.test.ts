import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerId } from '#container/model/ids.ts';
import type { PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
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
