import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { classOfAddress, isInside } from './address-class.ts';
import { checkAddress } from './reach.ts';

test('S-205: private, loopback, link-local, mapped and unspecified addresses are private', () => {
  for (const address of ['127.0.0.1', '10.0.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '0.0.0.0', '100.64.0.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::1', '2001:db8::1', 'nonsense', '']) {
    assert.equal(classOfAddress(address), 'private', address);
  }
  for (const address of ['1.1.1.1', '172.32.0.1', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450::5']) assert.equal(classOfAddress(address), 'public', address);
});

test('networks', () => {
  assert.equal(isInside('10.1.2.3', '10.1.0.0/16'), true);
  for (const [host, cidr] of [['10.2.0.1', '10.1.0.0/16'], ['10.1.2.3', '10.1.0.0/33'], ['a.b', '0.0.0.0/0'], ['10.1.2.3', '10.1.0.0']] as const) assert.equal(isInside(host, cidr), false, cidr);
});

test('S-205: a connection that a registry asked for ends at a public address, or where the registry itself is', () => {
  const reach = { kind: 'public', besides: 'r.example' } as const;
  checkAddress(reach, 'cdn.example', '1.1.1.1', []);
  checkAddress(reach, 'cdn.example', '10.0.0.5', ['10.0.0.5']);
  checkAddress({ kind: 'any' }, 'r.example', '127.0.0.1', []);
  assert.throws(() => checkAddress(reach, 'cdn.example', '169.254.169.254', ['10.0.0.5']), (error) => isKind(error, 'forbidden') && /private address 169/.test(error.message));
});
