import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import { NetworkPlace, PlacedDaemon } from '../world/netns.ts';
import { eventually } from '../world/waiting.ts';

/*
 * What a hostile container, which has raw sockets and sets its own routes, gets from other networks, from its host and from
 * its neighbours. The host is a network namespace; attacks are programs of the test in the namespace of a container.
 */
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const noRaw = existsSync('/usr/bin/python3') ? false : 'needs python3, for raw sockets';
const QUIET_MS = 300;

/** Answers `heard` over TCP and UDP, at an address and a port. */
const SERVE = `
const [host, port] = process.argv.slice(1);
require('node:net').createServer((socket) => socket.on('error', () => {}).end('heard')).listen(Number(port), host, () => {
  const udp = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (text, from) => { console.log(String(text)); udp.send('heard', from.port, from.address); }).bind(Number(port), host, () => console.log('up'));
});`;
/** Says what it heard, over both, or nothing. */
const ASK = `
const [host, port] = process.argv.slice(1);
const say = (what) => process.stdout.write(what + ' ');
require('node:net').connect(Number(port), host).on('error', () => {}).on('data', (text) => say('tcp ' + text));
const udp = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4').on('error', () => {}).on('message', (text) => say('udp ' + text));
udp.send('asked', Number(port), host);
setTimeout(() => process.exit(), ${QUIET_MS});`;
/** A datagram whose source is somebody else. */
const SPOOF = `
import socket, struct, sys
source, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
text = b"spoofed"
udp = struct.pack("!HHHH", 5353, port, 8 + len(text), 0) + text
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(target))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.sendto(ip + udp, (target, 0))`;
/** A router advertisement (RFC 4861, section 4.2) with a prefix for addresses, to everybody on the link. */
const ADVERTISE = `
import socket, struct
raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0xc0, 3600, 3600, 0, socket.inet_pton(socket.AF_INET6, "2001:db8:bad::"))
raw.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix, ("ff02::1", 0, 0, socket.if_nametoindex("eth0")))`;

describe('a hostile container', { skip, timeout: 240_000 }, () => {
  let host: NetworkPlace;
  let daemon: PlacedDaemon;
  const pids = new Map<string, string>();

  const inside = (container: string, ...command: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync('nsenter', ['-t', pids.get(container) ?? '', '-n', '--', ...command], { encoding: 'utf8', timeout: 15_000 });
    assert.equal(status, 0, `${command.slice(0, 2).join(' ')}: ${stderr}`);
    return stdout;
  };
  const asks = (container: string, address: string, port = 80): string => inside(container, process.execPath, '-e', ASK, address, String(port)).trim();
  /** What must be heard is asked for until it is: on a loaded machine an answer, or a neighbour's address, takes longer than silence may. */
  const heard = (what: string, ask: () => string, answer: RegExp): Promise<string> => eventually(what, ask, (text) => answer.test(text));
  const serve = async (place: readonly string[], address: string, port = 80): Promise<{ said: () => string }> => {
    const server = host.start(...place, process.execPath, '-e', SERVE, address, String(port));
    let said = '';
    server.stdout?.on('data', (text) => (said += String(text)));
    servers.push(() => server.kill('SIGKILL'));
    await eventually('the server is up', () => said, (text) => text.includes('up'));
    return { said: () => said };
  };
  const servers: (() => void)[] = [];
  const addressOf = (container: string, network: string, field: string): string => daemon.ok('inspect', '-f', `{{(index .NetworkSettings.Networks "${network}").${field}}}`, container);

  before(async () => {
    host = await NetworkPlace.make();
    daemon = new PlacedDaemon(host);
    await daemon.up();
    daemon.ok('import', busyboxTar(), 'busybox');
    for (const network of ['near', 'far']) daemon.ok('network', 'create', '--ipv6', network);
    for (const [name, network] of [['attacker', 'near'], ['neighbour', 'near'], ['victim', 'far']] as const) {
      daemon.ok('run', '-d', '--name', name, '--network', network, 'busybox', 'sleep', '1000');
      pids.set(name, daemon.ok('inspect', '-f', '{{.State.Pid}}', name));
    }
  });

  after(async () => {
    try {
      await daemon?.destroy();
    } finally {
      for (const end of servers) end();
      host?.end();
    }
  });

  /** While no daemon makes the rules again. */
  const withoutDaemon = async (look: () => Promise<void>): Promise<void> => {
    await daemon.crash();
    try {
      await look();
    } finally {
      await daemon.up();
    }
  };

  test('S-704 reaches nobody of another network, by either family and any protocol', async () => {
    for (const field of ['IPAddress', 'GlobalIPv6Address']) {
      for (const [container, network] of [['victim', 'far'], ['neighbour', 'near']] as const) await serve(['nsenter', '-t', pids.get(container) ?? '', '-n', '--'], addressOf(container, network, field));
      assert.equal(asks('attacker', addressOf('victim', 'far', field)), '', field);
      const near = addressOf('neighbour', 'near', field);
      await heard('the test bites', () => asks('attacker', near), /(?=.*tcp heard)(?=.*udp heard)/);
      const ping = (to: string): number => daemon.docker('exec', 'attacker', 'ping', '-c1', '-W1', to).code;
      assert.notEqual(ping(addressOf('victim', 'far', field)), 0);
      assert.equal(ping(addressOf('neighbour', 'near', field)), 0);
    }
  });

  test('S-708 reaches nobody of another network under a foreign address either', { skip: noRaw }, async () => {
    const target = addressOf('victim', 'far', 'IPAddress');
    const gateway = addressOf('victim', 'far', 'Gateway');
    const { said } = await serve(['nsenter', '-t', pids.get('victim') ?? '', '-n', '--'], target, 81);
    const spoof = (container: string, source: string): string => inside(container, '/usr/bin/python3', '-c', SPOOF, source, target, '81');
    for (const source of [gateway, '127.0.0.1', '198.51.100.7', addressOf('neighbour', 'near', 'IPAddress')]) spoof('attacker', source);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    assert.equal(said(), 'up\n');
    await eventually('the test bites: the host is heard', () => (host.ok('/usr/bin/python3', '-c', SPOOF, gateway, target, '81'), said()), (text) => text.includes('spoofed'));
  });

  test('S-706 becomes nobody\'s router', { skip: noRaw }, async () => {
    const advertise = (): string => inside('attacker', '/usr/bin/python3', '-c', ADVERTISE);
    const told = (place: (...command: string[]) => string): boolean => `${place('ip', '-6', 'route')}${place('ip', '-6', 'address')}`.includes('2001:db8:bad');
    const neighbour = (...command: string[]): string => inside('neighbour', ...command);
    advertise();
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    assert.equal(told(neighbour), false);
    assert.equal(told((...command) => host.ok(...command)), false);
    inside('neighbour', 'sh', '-c', 'echo 2 >/proc/sys/net/ipv6/conf/eth0/accept_ra');
    await eventually('the test bites: who listens is told', () => (advertise(), told(neighbour)), Boolean);
  });

  test('S-703 enters no other network while the ruleset is flushed, and the host\'s neighbours enter none', async () => {
    const fields = ['IPAddress', 'GlobalIPv6Address'] as const;
    const places = fields.map((field) => ({ victim: addressOf('victim', 'far', field), neighbour: addressOf('neighbour', 'near', field) }));
    for (const { victim, neighbour } of places) {
      await serve(['nsenter', '-t', pids.get('victim') ?? '', '-n', '--'], victim, 82);
      await serve(['nsenter', '-t', pids.get('neighbour') ?? '', '-n', '--'], neighbour, 82);
    }
    const bridges = ['near', 'far'].map((network) => `br-${daemon.ok('network', 'inspect', '-f', '{{.Id}}', network).slice(0, 12)}`);
    const machine = await NetworkPlace.make();
    servers.push(() => machine.end());
    host.ok('ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1', 'netns', String(machine.pid));
    for (const [place, link, address] of [[host, 'lan0', '192.0.2.1/24'], [machine, 'lan1', '192.0.2.2/24'], [host, 'lan0', '2001:db8::1/64'], [machine, 'lan1', '2001:db8::2/64']] as const) {
      place.ok('ip', 'address', 'add', address, 'dev', link, ...address.includes(':') ? ['nodad'] : []);
      place.ok('ip', 'link', 'set', link, 'up');
    }
    for (const gateway of ['192.0.2.1', '2001:db8::1']) machine.ok('ip', 'route', 'add', 'default', 'via', gateway);
    const fromOutside = (address: string): string => machine.ok(process.execPath, '-e', ASK, address, '82');
    await withoutDaemon(async () => {
      host.ok('nft', 'flush', 'ruleset');
      for (const { victim, neighbour } of places) {
        assert.equal(asks('attacker', victim, 82) + fromOutside(victim), '', victim);
        await heard('its own network is there', () => asks('attacker', neighbour, 82), /tcp heard/);
      }
      for (const bridge of bridges) host.ok('tc', 'qdisc', 'del', 'dev', bridge, 'clsact');
      for (const { victim } of places) {
        await heard('the test bites from a container', () => asks('attacker', victim, 82), /tcp heard/);
        await heard('the test bites from outside', () => fromOutside(victim), /tcp heard/);
      }
    });
    for (const bridge of bridges) assert.match(host.ok('tc', 'filter', 'show', 'dev', bridge, 'egress'), /direct-action/, 'a daemon that comes back guards what is there');
    for (const { victim } of places) {
      assert.equal(asks('attacker', victim, 82), '');
      await heard('the host is let in again', () => host.ok(process.execPath, '-e', ASK, victim, '82'), /tcp heard/);
    }
  });

  test('S-707 gets nothing that its host serves itself alone', async () => {
    await serve([], '127.0.0.1', 9999);
    const gateway = addressOf('attacker', 'near', 'Gateway');
    inside('attacker', 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet; ip address del 127.0.0.1/8 dev lo');
    inside('attacker', 'sh', '-c', `ip route del local 127.0.0.1 table local; ip route del local 127.0.0.0/8 table local; ip route add 127.0.0.1/32 via ${gateway} dev eth0 src ${addressOf('attacker', 'near', 'IPAddress')}`);
    assert.equal(asks('attacker', '127.0.0.1', 9999), '');
    await withoutDaemon(async () => {
      const table = /table inet (gantry_\w+)/.exec(host.ok('nft', 'list', 'tables'))?.[1] ?? '';
      host.ok('nft', 'flush', 'chain', 'inet', table, 'raw_prerouting');
      await heard('the test bites', () => asks('attacker', '127.0.0.1', 9999), /tcp heard/);
    });
  });
});
