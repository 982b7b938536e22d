import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK_CREATE } from '../wire/network.ts';
import { lowerNetworkCreate } from './network-create.ts';

test('addresses are managed here alone', () => {
  const create = (driver: string): unknown => lowerNetworkCreate(NETWORK_CREATE.decode({ Name: 'net', IPAM: { Driver: driver } }, ''));
  create('');
  create('default');
  assert.throws(() => create('nope'), { kind: 'not-found', message: 'plugin "nope" not found' });
  assert.throws(() => create('null'), { kind: 'invalid', message: 'ipv4 pool is empty' });
});
