import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK_CREATE } from '../wire/network.ts';
import { lowerNetworkCreate } from './network-create.ts';

const none = (): undefined => undefined;

test('addresses are managed here alone', () => {
  const create = (driver: string): unknown => lowerNetworkCreate(NETWORK_CREATE.decode({ Name: 'net', IPAM: { Driver: driver } }, ''), none);
  create('');
  create('default');
  assert.throws(() => create('nope'), { kind: 'not-found', message: 'plugin "nope" not found' });
  assert.throws(() => create('null'), { kind: 'invalid', message: 'ipv4 pool is empty' });
});

test('macvlan and ipvlan have a link of the host below them, and modes of their own', () => {
  const create = (Driver: string, Options: Readonly<Record<string, string>>) => lowerNetworkCreate(NETWORK_CREATE.decode({ Name: 'street', Driver, Options }, ''), none);
  assert.deepEqual(create('ipvlan', { parent: 'eth0' }).ipvlan, { parent: 'eth0', mode: 'l2', flag: 'bridge' });
  assert.deepEqual(create('ipvlan', { parent: 'eth0', ipvlan_mode: 'l3s', ipvlan_flag: 'private' }).ipvlan, { parent: 'eth0', mode: 'l3s', flag: 'private' });
  assert.equal(create('ipvlan', { 'parent': 'eth0', 'com.docker.network.driver.mtu': '1400' }).mtu, 1400);
  assert.deepEqual(create('macvlan', { parent: 'eth0' }).macvlan, { parent: 'eth0', mode: 'bridge' });
  assert.throws(() => create('ipvlan', { parent: 'eth0', ipvlan_mode: 'l4' }), { message: "requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default" });
  assert.throws(() => create('ipvlan', { parent: 'eth0', ipvlan_flag: 'x' }), { message: "requested ipvlan flag 'x' is not valid, 'bridge' is the ipvlan driver default" });
  assert.throws(() => create('macvlan', { parent: 'eth0', macvlan_mode: 'x' }), { message: "requested macvlan mode 'x' is not valid, 'bridge' mode is the macvlan driver default" });
  for (const driver of ['ipvlan', 'macvlan']) assert.throws(() => create(driver, {}), { message: `network street of driver ${driver} needs a link of the host below it: give -o parent=LINK` });
});

test('a configuration is kept as it is asked for, and stands for what its networks do not say', () => {
  const configuration = NETWORK_CREATE.decode({ Name: 'settings', ConfigOnly: true, IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] }, EnableIPv6: false, Labels: { a: 'b' }, Options: { 'com.docker.network.driver.mtu': '1400' } }, '');
  const create = (body: object) => lowerNetworkCreate(NETWORK_CREATE.decode({ Name: 'net', ...body }, ''), (name) => (name === 'settings' ? configuration : undefined));
  const { isConfiguration, driver, labels } = lowerNetworkCreate(configuration, none);
  assert.deepEqual([isConfiguration, driver, labels['a']], [true, 'null', 'b']);
  const made = create({ ConfigFrom: { Network: 'settings' }, Internal: true });
  assert.deepEqual([made.name, made.configuredBy, made.driver, made.ipv4?.cidr, made.ipv6, made.mtu, made.internal, made.labels['a']], ['net', 'settings', 'bridge', '10.9.0.0/24', undefined, 1400, true, 'b']);
  const from = { ConfigFrom: { Network: 'settings' } };
  const specified = { kind: 'forbidden', message: 'user specified configurations are not supported if the network depends on a configuration network' };
  for (const more of [{ EnableIPv6: true }, { EnableIPv4: false }, { Labels: { c: 'd' } }, { IPAM: { Config: [{ Subnet: '10.8.0.0/24' }] } }]) assert.throws(() => create({ ...from, ...more }), specified, JSON.stringify(more));
  assert.throws(() => create({ ...from, Options: { a: 'b' } }), { kind: 'forbidden', message: 'network driver options are not supported if the network depends on a configuration network' });
  assert.throws(() => create({ ...from, ConfigOnly: true }), { kind: 'forbidden', message: 'a configuration network cannot depend on another configuration network' });
  assert.throws(() => create({ ConfigFrom: { Network: 'other' } }), { kind: 'not-found', message: 'configuration network "other" does not exist' });
  for (const more of [{ Internal: true }, { Attachable: true }, { Scope: 'local' }]) assert.throws(() => create({ ConfigOnly: true, ...more }), { kind: 'forbidden', message: /^configuration network can only contain network specific fields\./ });
});

test('who chooses an IPv4 subnet gets no other, unless it is asked for', () => {
  const create = (more: object) => lowerNetworkCreate(NETWORK_CREATE.decode({ Name: 'net', ...more }, ''), none);
  const ipam = { IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] } };
  assert.equal(create({}).ipv6 !== undefined, true);
  assert.equal(create(ipam).ipv6, undefined);
  assert.deepEqual(create({ ...ipam, EnableIPv6: true }).ipv6, {});
  assert.equal(create({ IPAM: { Config: [{ Subnet: '10.9.0.0/24' }, { Subnet: 'fd00:9::/64' }] } }).ipv6?.cidr, 'fd00:9::/64');
});
