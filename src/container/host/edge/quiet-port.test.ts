import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createNetworkNamespace, inNetworkNamespace, openNamespace } from './linux/namespaces.ts';
import { addAddress } from './linux/netlink/addresses.ts';
import { createBridge, createVeth, getLink, setLinkUp } from './linux/netlink/links.ts';
import { openRouteSocket } from './linux/netlink/socket.ts';
import { writeSysctl } from './linux/sysctl.ts';
import { quietPort } from './quiet-port.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const DEADLINE_MS = 20_000;

function set(setting: string, value: number): void {
  writeSysctl(`net/ipv6/conf/${setting}`, value);
}

/** A bridge with two ports: what the kernel behind the second one hears of the first's start. */
async function heard(isQuiet: boolean): Promise<number> {
  const home = openNamespace('net');
  const [street, first, second] = [createNetworkNamespace(), createNetworkNamespace(), createNetworkNamespace()] as const;
  const within = <T>(namespace: number, run: () => T): T => inNetworkNamespace(namespace, home, run);
  const counter = (namespace: number, name: string): number => Number(new RegExp(`^${name}\\s+(\\d+)$`, 'm').exec(within(namespace, () => readFileSync('/proc/thread-self/net/snmp6', 'utf8')))?.[1]);
  const join = (name: string, namespace: number, address: string): void => {
    within(street, () => {
      using socket = openRouteSocket();
      socket.apply([createVeth({ name, master: getLink(socket, 'br0')!.index, up: true, peer: { name: 'eth0', netnsFd: namespace, index: 2 } })]);
      if (isQuiet) quietPort(socket, name);
    });
    within(namespace, () => {
      using socket = openRouteSocket();
      socket.apply([addAddress({ index: 2, address, noDuplicateCheck: true }), setLinkUp(2)]);
    });
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (const deadline = performance.now() + DEADLINE_MS; !holds();) {
      assert.ok(performance.now() < deadline, 'it came about');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  try {
    // As in a sandbox: neither routers nor who else has the address are asked for.
    for (const namespace of [first, second]) within(namespace, () => { for (const name of ['accept_ra', 'accept_dad']) set(`default/${name}`, 0); });
    within(street, () => {
      // The bridge would say the same of itself.
      for (const name of ['all', 'default']) set(`${name}/disable_ipv6`, 1);
      using socket = openRouteSocket();
      socket.apply([createBridge({ name: 'br0', multicastSnooping: false }), setLinkUp('br0')]);
    });
    join('port2', second, 'fd00::2/64');
    await until(() => counter(second, 'Icmp6OutMLDv2Reports') > 0);
    const reaches = (): boolean => {
      within(second, () => spawnSync('bash', ['-c', 'echo > /dev/udp/fd00::1/9'], { stdio: 'ignore' }));
      return counter(first, 'Udp6NoPorts') > 0;
    };
    const reports = (): number => counter(second, 'Ip6InMcastPkts') - counter(second, 'Icmp6InNeighborSolicits');
    const before = reports();
    join('port1', first, 'fd00::1/64');
    await until(() => counter(first, 'Icmp6OutMLDv2Reports') > 0);
    // Neighbours still find each other, and what was sent before has come by then.
    await until(reaches);
    return reports() - before;
  } finally {
    for (const descriptor of [street, first, second, home]) closeSync(descriptor);
  }
}

test('what a kernel says of its own addresses when its link comes up reaches no other port, and neighbours are found', { skip }, async () => {
  assert.equal(await heard(true), 0);
});

test('without the filter, every port hears it', { skip }, async () => {
  assert.ok(await heard(false) > 0);
});
