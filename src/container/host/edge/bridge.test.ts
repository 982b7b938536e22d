import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { ensureBridge, removeBridge } from './bridge.ts';
import { askForFrames } from './filter-bridged.ts';
import { createNetworkNamespace, inNetworkNamespace, openNamespace } from './linux/namespaces.ts';
import { listAddresses } from './linux/netlink/addresses.ts';
import { createVeth, deleteLink, getLink } from './linux/netlink/links.ts';
import { openRouteSocket } from './linux/netlink/socket.ts';
import { readSysctl } from './linux/sysctl.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

test('a bridge has the planned addresses and no others, however often it is ensured', { skip }, () => {
  const home = openNamespace('net');
  const namespace = createNetworkNamespace();
  inNetworkNamespace(namespace, home, () => {
    const plan = (...addresses: string[]) => ({ name: 'gantry-t', addresses, mac: '02:42:ac:14:00:01', mtu: 1500, sysctls: [] });
    const addresses = (): string[] => {
      using socket = openRouteSocket();
      const link = getLink(socket, 'gantry-t');
      return listAddresses(socket, link?.index).map(({ address }) => address).filter((address) => !address.startsWith('fe80:')).sort();
    };
    ensureBridge(plan('172.20.0.1/16', 'fd00::1/64'));
    ensureBridge(plan('172.20.0.1/16', 'fd00::1/64'));
    assert.deepEqual(addresses(), ['172.20.0.1/16', 'fd00::1/64']);
    ensureBridge(plan('172.21.0.1/16'));
    assert.deepEqual(addresses(), ['172.21.0.1/16']);
    removeBridge('gantry-t');
    removeBridge('gantry-t');
  });
  closeSync(namespace);
  closeSync(home);
});

const noFilter = readSysctl('net/bridge/bridge-nf-call-iptables') === undefined ? 'this kernel shows no bridged frames to its firewall: br_netfilter is not there' : skip;
test('a bridge may ask that its frames pass the firewall, whatever others of the host do', { skip: noFilter }, () => {
  const home = openNamespace('net');
  const namespace = createNetworkNamespace();
  inNetworkNamespace(namespace, home, () => {
    ensureBridge({ name: 'gantry-t', addresses: [], mac: '02:42:ac:14:00:01', mtu: 1400, sysctls: [] });
    const asks = (): string | undefined => /nf_call_iptables (\d) nf_call_ip6tables (\d)/.exec(spawnSync('ip', ['-d', 'link', 'show', 'gantry-t'], { encoding: 'utf8' }).stdout)?.slice(1).join('');
    assert.equal(asks(), '00');
    askForFrames('gantry-t');
    assert.equal(asks(), '11');
  });
  closeSync(namespace);
  closeSync(home);
});

test('a bridge keeps its MAC address, whichever ports come and go', { skip }, () => {
  const home = openNamespace('net');
  const namespace = createNetworkNamespace();
  inNetworkNamespace(namespace, home, () => {
    using socket = openRouteSocket();
    ensureBridge({ name: 'gantry-t', addresses: [], mac: '02:42:ac:14:00:01', mtu: 1400, sysctls: [] });
    const bridge = getLink(socket, 'gantry-t');
    assert.ok(bridge);
    socket.apply([createVeth({ name: 'low', mac: '02:00:00:00:00:01', master: bridge.index, up: true, peer: { name: 'peer' } })]);
    assert.deepEqual([getLink(socket, 'gantry-t')?.mac, bridge.mtu], ['02:42:ac:14:00:01', 1400]);
    socket.apply([deleteLink('low')]);
    assert.equal(getLink(socket, 'gantry-t')?.mac, '02:42:ac:14:00:01');
  });
  closeSync(namespace);
  closeSync(home);
});
