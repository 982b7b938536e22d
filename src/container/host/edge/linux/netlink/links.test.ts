import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { after, test } from 'node:test';
import { isKind } from '#base/error.ts';
import { createNetworkNamespace, inNetworkNamespace, openNamespace } from '../namespaces.ts';
import { NetSettings, readSysctl, writeSysctl } from '../sysctl.ts';
import { addAddress, deleteAddress, listAddresses } from './addresses.ts';
import {
  createBridge, createIpvlan, createVeth, deleteLink, getLink, indexOfLink, listLinks, moveLink, renameLink, setLinkMac, setLinkMaster, setLinkMtu, setLinkUp,
} from './links.ts';
import { addRoute, deleteRoute, listRoutes, replaceRoute } from './routes.ts';
import { openNamespaceSocket } from './socket.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const home = openNamespace('net');
const hostFd = skip === false ? createNetworkNamespace() : -1;
const guestFd = skip === false ? createNetworkNamespace() : -1;
const host = skip === false ? openNamespaceSocket(hostFd) : undefined;
const guest = skip === false ? openNamespaceSocket(guestFd) : undefined;
after(() => {
  host?.close();
  guest?.close();
  for (const fd of [home, hostFd, guestFd]) if (fd >= 0) closeSync(fd);
});

function sockets() {
  assert.ok(host !== undefined && guest !== undefined);
  return { host, guest };
}

test('a bridge, and a veth from it into another namespace', { skip }, () => {
  const { host, guest } = sockets();
  host.apply([createBridge({ name: 'br0', mac: '02:42:00:00:00:01', mtu: 1400 }), setLinkUp('br0')]);
  const bridge = getLink(host, 'br0');
  assert.deepEqual({ ...bridge, index: 0 },
    { index: 0, name: 'br0', isUp: true, mtu: 1400, mac: '02:42:00:00:00:01', master: undefined, kind: 'bridge' });
  const inHost = (key: string) => inNetworkNamespace(hostFd, home, () => readSysctl(key));
  assert.equal(inHost('net/ipv4/conf/br0/forwarding') !== undefined, true);

  host.apply([createVeth({
    name: 'veth0', mtu: 1400, master: bridge?.index ?? 0, up: true, peer: { name: 'eth0', netnsFd: guestFd, index: 2, mac: '02:42:0a:00:00:02' },
  })]);
  guest.apply([
    setLinkUp('lo'), setLinkUp(2),
    addAddress({ index: 2, address: '10.0.0.2/24', broadcast: true }),
    addAddress({ index: 2, address: 'fd00::2/64', noDuplicateCheck: true }),
    addRoute({ destination: 'default', gateway: '10.0.0.1' }),
    addRoute({ destination: 'default', gateway: 'fd00::1' }),
  ]);
  const port = getLink(host, 'veth0');
  assert.deepEqual([port?.master, port?.kind, port?.isUp], [bridge?.index, 'veth', true]);
  for (const [fd, name, index] of [[hostFd, 'veth0', port?.index], [guestFd, 'eth0', 2]] as const) inNetworkNamespace(fd, home, () => {
    assert.equal(indexOfLink(name), index);
    assert.equal(indexOfLink('none'), undefined);
    const [shown] = JSON.parse(execFileSync('ip', ['-json', '-details', 'link', 'show', name]).toString()) as { readonly num_tx_queues: number; readonly num_rx_queues: number }[];
    assert.deepEqual([shown?.num_tx_queues, shown?.num_rx_queues], [1, 1], 'no queues that are taken out of use again');
  });
  assert.deepEqual(listLinks(guest).map(({ name, isUp, mac }) => [name, isUp, mac]),
    [['lo', true, '00:00:00:00:00:00'], ['eth0', true, '02:42:0a:00:00:02']]);
  assert.deepEqual(listAddresses(guest, 2).map(({ address }) => address).filter((address) => !address.startsWith('fe80')), ['10.0.0.2/24', 'fd00::2/64']);
  const defaults = listRoutes(guest).filter(({ destination }) => destination === 'default');
  assert.deepEqual(defaults.map(({ family, gateway, index }) => [family, gateway, index]), [[4, '10.0.0.1', 2], [6, 'fd00::1', 2]]);
  assert.ok(listRoutes(guest).some(({ destination }) => destination === '10.0.0.0/24'));
});

test('changes to a link', { skip }, () => {
  const { host, guest } = sockets();
  host.apply([createVeth({ name: 'd0', peer: { name: 'd9' } })]);
  const index = getLink(host, 'd0')?.index ?? 0;
  host.apply([
    setLinkMtu('d0', 1300), setLinkMac(index, '02:00:00:00:00:07'), renameLink(index, 'd1'),
    setLinkMaster('d1', getLink(host, 'br0')?.index ?? 0),
  ]);
  const link = getLink(host, index);
  assert.deepEqual([link?.name, link?.mtu, link?.mac, link?.master !== undefined], ['d1', 1300, '02:00:00:00:00:07', true]);
  host.apply([setLinkMaster(index, 0), moveLink(index, guestFd)]);
  assert.equal(getLink(host, 'd1'), undefined);
  assert.equal(getLink(guest, 'd1')?.master, undefined);
  guest.apply([deleteLink('d1')]);
  assert.equal(getLink(guest, 'd1'), undefined);
});

test('addresses and routes are replaced and taken away', { skip }, () => {
  const { guest } = sockets();
  guest.apply([
    replaceRoute({ destination: 'default', gateway: '10.0.0.254' }), addRoute({ destination: '192.168.7.0/24', index: 2, metric: 50 }),
  ]);
  const find = (destination: string) => listRoutes(guest).find((route) => route.destination === destination && route.family === 4);
  assert.equal(find('default')?.gateway, '10.0.0.254');
  assert.equal(find('192.168.7.0/24')?.metric, 50);
  guest.apply([replaceRoute({ destination: 'default', gateway: '0.0.0.0', index: 2 }), addRoute({ destination: 'default', gateway: '::', index: 2, metric: 7 })]);
  assert.deepEqual(listRoutes(guest).filter(({ destination, gateway }) => destination === 'default' && gateway === undefined).map(({ family, index }) => [family, index]), [[4, 2], [6, 2]], 'routes to the link itself');
  guest.apply([deleteRoute({ destination: 'default', gateway: '0.0.0.0', index: 2 }), deleteRoute({ destination: 'default', gateway: '::', index: 2 })]);
  guest.apply([deleteRoute({ destination: '192.168.7.0/24', index: 2 }), deleteAddress({ index: 2, address: 'fd00::2/64' })]);
  assert.equal(find('192.168.7.0/24'), undefined);
  assert.equal(listAddresses(guest).some(({ address }) => address === 'fd00::2/64'), false);
});

test('an ipvlan link, or that the kernel has none', { skip }, () => {
  const { host, guest } = sockets();
  host.apply([createVeth({ name: 'below', peer: { name: 'lan' } })]);
  const below = getLink(host, 'below');
  const made = (): void => host.apply([createIpvlan({ name: 'ipvl0', parent: below?.index ?? 0, mode: 'l3s', flag: 'private', mtu: 1400, netnsFd: guestFd })]);
  try {
    made();
  } catch (thrown) {
    assert.ok(isKind(thrown, 'unimplemented'), String(thrown));
    assert.match(thrown.message, /create the ipvlan link ipvl0: .*operation not supported/i);
    return;
  }
  const link = getLink(guest, 'ipvl0');
  assert.deepEqual([link?.kind, link?.mtu, link?.mac], ['ipvlan', 1400, below?.mac]);
});

test('a refusal names the step and gives the reason of the kernel', { skip }, () => {
  const { host, guest } = sockets();
  assert.throws(() => host.apply([setLinkUp('lo'), createBridge({ name: 'br0' })]), { kind: 'conflict', subject: 'link br0', message: /create the bridge br0/ });
  assert.throws(() => guest.apply([addRoute({ destination: '10.9.0.0/16', gateway: '172.30.0.1' })]),
    { message: /route to 10.9.0.0\/16 via 172.30.0.1: .*gateway/i });
  assert.throws(() => guest.apply([setLinkMaster('eth0', 4000)]), { subject: 'link eth0' });
  assert.throws(() => guest.apply([deleteLink('none')]), { kind: 'not-found', message: /delete link none/ });
});

test('names and numbers that cannot be are refused before the kernel sees them', () => {
  for (const name of ['', 'a b', 'a/b', '..', 'sixteen-bytes-xx', 'a\0b', 'ééééééééé']) {
    assert.throws(() => createBridge({ name }), { kind: 'invalid' }, name);
  }
  assert.throws(() => setLinkMac('x', '02:42'), { kind: 'invalid' });
});

test('many changes in one call', { skip }, () => {
  const { host } = sockets();
  host.apply(Array.from({ length: 250 }, (_, index) => addAddress({ index: 1, address: `10.7.${index}.1/32` })));
  assert.equal(listAddresses(host, 1).filter(({ address }) => address.startsWith('10.7.')).length, 250);
});

test('settings of a link in its namespace', { skip }, () => {
  inNetworkNamespace(guestFd, home, () => {
    using settings = new NetSettings();
    settings.writeOfLink('eth0', { ipv4: { arp_notify: 1 }, ipv6: { accept_ra: 0 } });
    settings.write('ipv4/ip_unprivileged_port_start', 0);
    assert.throws(() => settings.write('ipv4/../../kernel/hostname', 'x'), { kind: 'invalid' });
    assert.throws(() => settings.write('ipv4/nosuch', 1), { kind: 'not-found', message: /set net\/ipv4\/nosuch to 1/ });
    assert.equal(readSysctl('net/ipv4/conf/eth0/arp_notify'), '1');
    assert.equal(readSysctl('net/ipv4/ip_unprivileged_port_start'), '0');
  });
  assert.equal(readSysctl('net/ipv4/conf/eth0/nosuch'), undefined);
  assert.throws(() => writeSysctl('net/ipv4/nosuch', 1), { kind: 'not-found', message: /set net\/ipv4\/nosuch to 1: .*ENOENT/ });
  for (const key of ['net', '../x', 'net/../kernel/x', 'net/ipv4/a b', '/net/x', 'net.ipv4.ip_forward=1\nx']) {
    assert.throws(() => writeSysctl(key, 1), { kind: 'invalid' }, key);
  }
});
