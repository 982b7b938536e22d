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

test('macvlan and ipvlan have a link of the host below them, and modes of their own', () => {
  const create = (Driver: string, Options: Readonly<Record<string, string>>) => lowerNetworkCreate(NETWORK_CREATE.decode({ Name: 'street', Driver, Options }, ''));
  assert.deepEqual(create('ipvlan', { parent: 'eth0' }).ipvlan, { parent: 'eth0', mode: 'l2', flag: 'bridge' });
  assert.deepEqual(create('ipvlan', { parent: 'eth0', ipvlan_mode: 'l3s', ipvlan_flag: 'private' }).ipvlan, { parent: 'eth0', mode: 'l3s', flag: 'private' });
  assert.equal(create('ipvlan', { 'parent': 'eth0', 'com.docker.network.driver.mtu': '1400' }).mtu, 1400);
  assert.deepEqual(create('macvlan', { parent: 'eth0' }).macvlan, { parent: 'eth0', mode: 'bridge' });
  assert.throws(() => create('ipvlan', { parent: 'eth0', ipvlan_mode: 'l4' }), { message: "requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default" });
  assert.throws(() => create('ipvlan', { parent: 'eth0', ipvlan_flag: 'x' }), { message: "requested ipvlan flag 'x' is not valid, 'bridge' is the ipvlan driver default" });
  assert.throws(() => create('macvlan', { parent: 'eth0', macvlan_mode: 'x' }), { message: "requested macvlan mode 'x' is not valid, 'bridge' mode is the macvlan driver default" });
  for (const driver of ['ipvlan', 'macvlan']) assert.throws(() => create(driver, {}), { message: `network street of driver ${driver} needs a link of the host below it: give -o parent=LINK` });
});
