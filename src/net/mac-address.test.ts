import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { isKind } from '#base/error.ts';
import { parseIp } from './ip.ts';
import { macOfIpv4, macOfSeed, parseMac } from './mac-address.ts';

test('a MAC address follows from the IPv4 address', () => {
  assert.equal(macOfIpv4(parseIp('172.17.0.2')), '02:42:ac:11:00:02');
  assert.equal(macOfIpv4(parseIp('0.0.0.1')), '02:42:00:00:00:01');
  assert.throws(() => macOfIpv4(parseIp('::1')), (error) => isKind(error, 'invalid'));
});

test('without IPv4 it follows from a seed', () => {
  const hasher = new SystemHasher();
  const mac = macOfSeed('network a, container b', hasher);
  assert.equal(parseMac(mac), mac);
  assert.equal(macOfSeed('network a, container b', hasher), mac);
  assert.notEqual(macOfSeed('network a, container c', hasher), mac);
});

test('only unicast addresses are taken', () => {
  assert.equal(parseMac('02-42-AC-11-00-02'), '02:42:ac:11:00:02');
  for (const text of ['', '02:42:ac:11:00', '02:42:ac:11:00:0g', '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00']) {
    assert.throws(() => parseMac(text), (error) => isKind(error, 'invalid'), text);
  }
});
