import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import type { Json } from '#base/json.ts';
import { formatCidr, nthAddress, parseCidr } from '#net/cidr.ts';
import { wantedElements } from '#net/firewall/elements.ts';
import { bridgeSettings, hostSysctls } from '#net/firewall/kernel-settings.ts';
import type { FirewallNetwork, PublishedPorts } from '#net/firewall/model.ts';
import { parseTable } from '#net/firewall/observe.ts';
import { formatPlan, planFirewall } from '#net/firewall/plan.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';
import { formatIp, parseIp } from '#net/ip.ts';

/*
 * The rendered rules in a kernel, seen from every side by real connections: a host, a neighbour on its
 * LAN, and containers on three bridges, each a network namespace that lives as long as one process.
 */

const TABLE = 'gantry_test';
const networks: readonly FirewallNetwork[] = [
  { bridge: 'gt-blue', subnets: [parseCidr('172.18.0.0/16'), parseCidr('fd00:b::/64')], internal: false, masquerade: true, betweenContainers: true },
  { bridge: 'gt-flat', subnets: [parseCidr('172.19.0.0/16'), parseCidr('fd00:f::/64')], internal: false, masquerade: false, betweenContainers: true },
  { bridge: 'gt-in', subnets: [parseCidr('172.20.0.0/16'), parseCidr('fd00:1::/64')], internal: true, masquerade: true, betweenContainers: true },
];
const [HOST4, HOST6, LAN4, LAN6] = ['192.0.2.1', '2001:db8::1', '192.0.2.9', '2001:db8::9'];

function publish(hostIp: string, hostPort: number, targetIp: string, targetPort: number, change: Partial<PublishedPorts> = {}): PublishedPorts {
  return { protocol: 'tcp', hostIp: parseIp(hostIp), hostPort, targetIp: parseIp(targetIp), targetPort, count: 1, ...change };
}

const published: readonly PublishedPorts[] = [
  publish('0.0.0.0', 8080, '172.18.0.2', 80), publish('::', 8080, 'fd00:b::2', 80),
  publish('0.0.0.0', 8080, '172.18.0.2', 80, { protocol: 'udp' }), publish('::', 8080, 'fd00:b::2', 80, { protocol: 'udp' }),
  publish('127.0.0.1', 8081, '172.18.0.2', 80), publish('::1', 8081, 'fd00:b::2', 80), publish(HOST4!, 8082, '172.18.0.2', 80), publish(HOST6!, 8082, 'fd00:b::2', 80),
  publish('0.0.0.0', 8085, '172.19.0.2', 80), publish('0.0.0.0', 8086, '172.20.0.2', 80), publish('0.0.0.0', 9000, '172.18.0.2', 9000, { count: 100 }), publish('::', 9000, 'fd00:b::2', 9000, { count: 100 }),
];

/** Answers each connection or datagram with the address that it came from; connects and says what it heard. */
const PROBE = `
const net = require('node:net'), dgram = require('node:dgram'), fs = require('node:fs');
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
const commands = {
  listen: ({ port }) => Promise.all(['0.0.0.0', '::'].flatMap((host) => [
    new Promise((done) => net.createServer((socket) => socket.on('error', () => {}).end(socket.remoteAddress)).listen({ port, host, ipv6Only: true }, done)),
    new Promise((done) => { const socket = dgram.createSocket(host === '::' ? { type: 'udp6', ipv6Only: true } : 'udp4'); socket.on('message', (_, from) => socket.send(from.address, from.port, from.address)).bind(port, host, done); }),
  ])),
  connect: ({ protocol, host, port, localAddress, ms }) => new Promise((done) => {
    if (protocol === 'udp') {
      const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
      const end = (heard) => { clearTimeout(timer); try { socket.close(); } catch {} done(heard); };
      const timer = setTimeout(end, ms, 'silence');
      socket.on('error', (error) => end(error.code)).on('message', (heard) => end(String(heard)));
      socket.connect(port, host, (error) => error ? end(error.code) : socket.send('x'));
      return;
    }
    let heard = '';
    const socket = net.connect({ host, port, ...(localAddress ? { localAddress } : {}) });
    const timer = setTimeout(() => { socket.destroy(); done('silence'); }, ms);
    const end = (result) => { clearTimeout(timer); done(result); };
    socket.on('error', (error) => end(error.code)).on('data', (data) => (heard += data)).on('end', () => end(heard));
  }),
  sysctl: ({ path, value }) => fs.promises.writeFile('/proc/sys/' + path, value),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, command, ...parameters } = JSON.parse(line);
  try { say({ id, result: await commands[command](parameters) ?? null }); } catch (error) { say({ id, error: String(error) }); }
}).on('close', () => process.exit(0));
say({ id: 0 });
`;

/** A network namespace with a process in it. It is gone when the process is. */
class Place {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('exit', (code) => this.#waiting.forEach(({ reject }) => reject(new Error(`a probe ended with ${String(code)}`))));
    createInterface({ input: process.stdout! }).on('line', (line) => {
      const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: string };
      if (error === undefined) this.#waiting.get(id)?.resolve(result);
      else this.#waiting.get(id)?.reject(new Error(error));
    });
  }

  static async make(): Promise<Place> {
    const place = new Place(spawn('unshare', ['-n', process.execPath, '-e', PROBE], { stdio: ['pipe', 'pipe', 'inherit'] }));
    const ready = Promise.withResolvers<unknown>();
    place.#waiting.set(0, ready);
    await ready.promise;
    return place;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  async call(command: 'listen' | 'connect' | 'sysctl', parameters: object): Promise<unknown> {
    const id = ++this.#calls;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#process.stdin!.write(`${JSON.stringify({ id, command, ...parameters })}\n`);
    return answer.promise;
  }

  /** Runs a program in the namespace and answers with its output. */
  run(program: string, args: readonly string[], input = ''): string {
    const { status, stdout, stderr } = spawnSync('nsenter', ['-t', String(this.pid), '-n', program, ...args], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}\n${input}`);
    return stdout;
  }

  ip(lines: readonly string[]): void {
    this.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }

  async end(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.stdin!.end();
    await exited;
  }
}

type Name = 'host' | 'lan' | 'blue1' | 'blue2' | 'flat1' | 'in1';
/** From where, to what, and what is heard: the address that the server saw, or why there is none. */
type Case = readonly [from: Name, to: string, heard: string, localAddress?: string];

const places = {} as Record<Name, Place>;

/** `tcp 192.0.2.1 8080`. What is dropped is silent; a quarter of a second is long on a machine's own links. */
async function see(cases: readonly Case[], title = ''): Promise<void> {
  const lines = await Promise.all(cases.map(async ([from, to, heard, localAddress]) => {
    const [protocol, host, port] = to.split(' ');
    const result = await places[from].call('connect', { protocol, host, port: Number(port), localAddress, ms: heard === 'silence' ? 250 : 2000 });
    return [`${from} -> ${to}: ${String(result)}`, `${from} -> ${to}: ${heard}`] as const;
  }));
  assert.deepEqual(lines.map(([is]) => is), lines.map(([, expected]) => expected), title);
}

function observe(): ReturnType<typeof parseTable> {
  return parseTable(JSON.parse(places.host.run('nft', ['-j', 'list', 'table', 'inet', TABLE])) as Json);
}

/** Brings the table to these ports, and says by which plan. */
function apply(ports: readonly PublishedPorts[], first = false): string {
  const plan = planFirewall(first ? undefined : observe(), wantedElements(networks, ports));
  places.host.run('nft', ['-f', '-'], renderPlan(TABLE, plan));
  return formatPlan(plan);
}

function address(network: FirewallNetwork, number: number): string[] {
  return network.subnets.map((subnet) => formatIp(nthAddress(subnet, number)));
}

async function setUp(): Promise<void> {
  const names: readonly Name[] = ['host', 'lan', 'blue1', 'blue2', 'flat1', 'in1'];
  await Promise.all(names.map(async (name) => void (places[name] = await Place.make())));
  const { host, lan } = places;
  for (const name of names) places[name].run('ip', ['link', 'set', 'lo', 'up']);
  host.ip([`link add eth0 type veth peer name eth0 netns ${lan.pid}`, ...networks.map(({ bridge }) => `link add ${bridge} type bridge`)]);
  for (const { path, value } of [...hostSysctls(networks), ...networks.flatMap((network) => bridgeSettings(network).sysctls)]) await host.call('sysctl', { path, value });
  // Addresses of the test's own links are in use at once too, as those of the bridges are.
  for (const name of names) await places[name].call('sysctl', { path: `net/ipv6/conf/${name === 'host' ? 'eth0' : 'default'}/accept_dad`, value: '0' });
  await lan.call('sysctl', { path: 'net/ipv6/conf/eth0/accept_dad', value: '0' });
  host.ip([
    `addr add ${HOST4}/24 dev eth0`, `addr add ${HOST6}/64 dev eth0 nodad`, 'link set eth0 up',
    ...networks.flatMap((network) => [
      ...address(network, 1).map((ip, index) => `addr add ${ip}/${network.subnets[index]!.prefix} dev ${network.bridge}${index === 1 ? ' nodad' : ''}`), `link set ${network.bridge} up`,
    ]),
  ]);
  // The neighbour knows the way to the containers, which an attacker on the same wire can add at will.
  lan.ip([
    `addr add ${LAN4}/24 dev eth0`, `addr add ${LAN6}/64 dev eth0 nodad`, 'link set eth0 up',
    ...networks.flatMap(({ subnets: [four, six] }) => [`route add ${formatCidr(four!)} via ${HOST4}`, `route add ${formatCidr(six!)} via ${HOST6}`]),
  ]);
  for (const [name, network, number] of [['blue1', 0, 2], ['blue2', 0, 3], ['flat1', 1, 2], ['in1', 2, 2]] as const) attach(name, networks[network]!, number);
  await Promise.all((['blue1', 'blue2', 'flat1', 'in1', 'lan'] as const).flatMap((name) => [80, 81, 9042].map((port) => places[name].call('listen', { port }))));
  await host.call('listen', { port: 7000 });
}

function attach(name: Name, network: FirewallNetwork, number: number): void {
  const { host } = places;
  host.ip([`link add v-${name} type veth peer name eth0 netns ${places[name].pid}`, `link set v-${name} master ${network.bridge} up`, `link set v-${name} type bridge_slave hairpin on`]);
  const [ip4, ip6] = address(network, number);
  const [gateway4, gateway6] = address(network, 1);
  places[name].ip([`addr add ${ip4}/16 dev eth0`, `addr add ${ip6}/64 dev eth0 nodad`, 'link set eth0 up', `route add default via ${gateway4}`, `route add default via ${gateway6}`]);
}

const possible = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'sh', '-c', 'nft list ruleset && ip -V && nsenter --version']).status === 0;

describe('the firewall in a kernel', { skip: possible ? false : 'needs root, unshare, nsenter, nft and ip' }, () => {
  before(async () => {
    await setUp();
    apply(published, true);
  });
  after(async () => void (await Promise.all(Object.values(places).map((place) => place.end()))));

  test('a published port is reached from the LAN under every address of the host, with the source kept', () => see([
    ['lan', `tcp ${HOST4} 8080`, LAN4!], ['lan', `tcp ${HOST6} 8080`, LAN6!], ['lan', `udp ${HOST4} 8080`, LAN4!], ['lan', `udp ${HOST6} 8080`, LAN6!],
    ['lan', `tcp ${HOST4} 8082`, LAN4!], ['lan', `tcp ${HOST6} 8082`, LAN6!], ['lan', `tcp ${HOST4} 8085`, LAN4!], ['lan', `tcp ${HOST4} 9042`, LAN4!], ['lan', `tcp ${HOST6} 9042`, LAN6!],
  ]));

  test('a published port is reached from the host by 127.0.0.1 and by its own addresses', () => see([
    ['host', 'tcp 127.0.0.1 8080', '172.18.0.1'], ['host', 'udp 127.0.0.1 8080', '172.18.0.1'], ['host', 'tcp 127.0.0.1 8081', '172.18.0.1'], ['host', 'tcp 127.0.0.1 8085', '172.19.0.1'], ['host', 'tcp 127.0.0.1 9042', '172.18.0.1'],
    ['host', `tcp ${HOST4} 8080`, HOST4!], ['host', `tcp ${HOST6} 8080`, HOST6!], ['host', `udp ${HOST6} 8080`, HOST6!], ['host', 'tcp 127.0.0.1 8082', 'ECONNREFUSED'], ['host', 'tcp 172.18.0.2 81', '172.18.0.1'],
    ['host', 'tcp 172.18.0.1 81', 'ECONNREFUSED'], ['host', 'tcp fd00:b::1 81', 'ECONNREFUSED'],
  ]));

  test('what is not published is not reached from outside, nor is a container by its own address', () => see([
    ['lan', 'tcp 172.18.0.2 81', 'silence'], ['lan', 'tcp 172.18.0.2 80', 'silence'], ['lan', 'udp 172.18.0.2 80', 'silence'], ['lan', 'tcp fd00:b::2 80', 'silence'],
    ['lan', 'tcp 172.19.0.2 80', 'silence'], ['lan', 'tcp fd00:f::2 80', 'silence'], ['lan', 'tcp 172.20.0.2 80', 'silence'], ['lan', 'tcp fd00:1::2 80', 'silence'],
    ['lan', `tcp ${HOST4} 81`, 'ECONNREFUSED'], ['lan', `tcp ${HOST4} 8081`, 'ECONNREFUSED'], ['lan', `tcp ${HOST6} 8081`, 'ECONNREFUSED'], ['lan', `tcp ${HOST4} 9100`, 'ECONNREFUSED'],
    ['lan', `tcp ${HOST4} 7000`, LAN4!], ['lan', 'tcp 172.18.0.1 7000', 'silence'], ['lan', 'tcp fd00:b::1 7000', 'silence'],
  ]));

  test('a container reaches neighbours and itself by published ports, and neighbours directly', () => see([
    ['blue1', `tcp ${HOST4} 8080`, '172.18.0.1'], ['blue1', `tcp ${HOST6} 8080`, 'fd00:b::1'], ['blue1', `udp ${HOST4} 8080`, '172.18.0.1'], ['blue1', 'tcp 172.18.0.1 8080', '172.18.0.1'],
    ['blue2', `tcp ${HOST4} 8080`, '172.18.0.1'], ['blue2', `tcp ${HOST6} 8082`, 'fd00:b::1'], ['blue2', 'tcp 172.18.0.2 81', '172.18.0.3'], ['blue2', 'tcp fd00:b::2 81', 'fd00:b::3'],
    ['blue1', `tcp ${HOST4} 8085`, '172.19.0.1'], ['flat1', `tcp ${HOST4} 8080`, '172.19.0.2'],
  ]));

  test("containers go out under the host's address, or their own without masquerading", () => see([
    ['blue1', `tcp ${LAN4} 80`, HOST4!], ['blue1', `tcp ${LAN6} 80`, HOST6!], ['blue2', `udp ${LAN4} 80`, HOST4!], ['flat1', `tcp ${LAN4} 80`, '172.19.0.2'], ['flat1', `tcp ${LAN6} 80`, 'fd00:f::2'],
    // A port of another host is not ours, though it has the number of one that is published.
    ['blue2', `tcp ${LAN4} 8080`, 'ECONNREFUSED'], ['blue2', `tcp ${LAN6} 8080`, 'ECONNREFUSED'], ['host', `tcp ${LAN4} 8080`, 'ECONNREFUSED'],
  ]));

  test('networks are apart, and an internal one from everything', () => see([
    ['blue1', 'tcp 172.19.0.2 80', 'silence'], ['flat1', 'tcp 172.18.0.2 80', 'silence'], ['flat1', 'tcp fd00:b::2 80', 'silence'], ['flat1', 'udp 172.18.0.2 80', 'silence'],
    ['in1', `tcp ${LAN4} 80`, 'silence'], ['in1', `tcp ${LAN6} 80`, 'silence'], ['in1', 'tcp 172.18.0.2 80', 'silence'], ['blue1', 'tcp 172.20.0.2 80', 'silence'], ['in1', `tcp ${HOST4} 8080`, 'silence'], ['host', 'tcp 172.20.0.2 80', '172.20.0.1'],
    ['lan', `tcp ${HOST4} 8086`, 'silence'], ['host', 'tcp 127.0.0.1 8086', '172.20.0.1'],
  ]));

  test('::1 is left to the socket that holds the port, with br_netfilter and without; hairpins work without it too', async () => {
    await see([['host', 'tcp ::1 8080', 'ECONNREFUSED'], ['host', 'tcp ::1 8081', 'ECONNREFUSED']]);
    for (const family of ['ip', 'ip6']) await places.host.call('sysctl', { path: `net/bridge/bridge-nf-call-${family}tables`, value: '0' });
    await see([
      ['host', 'tcp ::1 8080', 'ECONNREFUSED'], ['host', 'tcp ::1 8081', 'ECONNREFUSED'], ['host', 'tcp 127.0.0.1 8080', '172.18.0.1'],
      ['blue1', `tcp ${HOST4} 8080`, '172.18.0.1'], ['blue1', `tcp ${HOST6} 8080`, 'fd00:b::1'], ['blue2', `tcp ${HOST4} 8080`, '172.18.0.1'],
    ]);
  });

  test('a port at a loopback address is not reached by who routes that address to the host', async () => {
    // CVE-2020-8558: the attacker gives up loopback addresses and sends them over the wire.
    for (const [name, gateway4, gateway6] of [['lan', HOST4, HOST6], ['blue2', '172.18.0.1', 'fd00:b::1']] as const) {
      await places[name].call('sysctl', { path: 'net/ipv4/conf/eth0/route_localnet', value: '1' });
      places[name].ip(['addr del 127.0.0.1/8 dev lo', `route add 127.0.0.1/32 via ${gateway4}`, 'addr del ::1/128 dev lo', `route add ::1/128 via ${gateway6}`]);
    }
    const attack = (...heard: readonly [string, string, string]): readonly Case[] => [
      ['lan', 'tcp 127.0.0.1 8081', heard[0], LAN4!], ['blue2', 'tcp 127.0.0.1 8081', heard[1], '172.18.0.3'], ['blue2', 'tcp 127.0.0.1 7000', heard[2], '172.18.0.3'],
      ['lan', 'tcp ::1 8081', 'silence', LAN6!], ['blue2', 'tcp ::1 8081', 'silence', 'fd00:b::3'], ['blue2', 'tcp ::1 7000', 'silence', 'fd00:b::3'],
    ];
    await see(attack('silence', 'silence', 'silence'));
    places.host.run('nft', ['flush', 'chain', 'inet', TABLE, 'raw_prerouting']);
    await see(attack(LAN4!, '172.18.0.1', '172.18.0.3'), 'without its guard the attack succeeds, so the test above can fail; ::1 the kernel guards itself');
  });

  test('a table that someone changed is made anew, one of someone else does not matter', async () => {
    places.host.run('nft', ['flush', 'chain', 'inet', TABLE, 'forward']);
    await see([['flat1', 'tcp 172.18.0.2 80', '172.19.0.2'], ['lan', 'tcp 172.19.0.2 80', LAN4!]], 'without the chain everything is open');
    assert.match(apply(published), /^replace the table: its chain raw_prerouting has 0 rules instead of 7\n/);
    places.host.run('nft', ['-f', '-'], 'add table inet other\nadd chain inet other c { type filter hook forward priority 0; policy accept; }\nflush table inet other\ndelete table inet other\n');
    assert.equal(apply(published), 'nothing to do');
    await see([['flat1', 'tcp 172.18.0.2 80', 'silence'], ['lan', 'tcp 172.19.0.2 80', 'silence'], ['lan', `tcp ${HOST4} 8080`, LAN4!]]);
  });

  test('publishing and taking back is one element, and what was taken back is closed', async () => {
    const moved = [...published.filter(({ hostPort }) => hostPort !== 8080), publish('0.0.0.0', 8088, '172.18.0.3', 81)];
    assert.equal(apply(moved), `
- publish4_any tcp 8080 -> 172.18.0.2 80
- publish4_any udp 8080 -> 172.18.0.2 80
- publish6_any tcp 8080 -> fd00:b::2 80
- publish6_any udp 8080 -> fd00:b::2 80
+ publish4_any tcp 8088 -> 172.18.0.3 81`.trim());
    await see([['lan', `tcp ${HOST4} 8088`, LAN4!], ['lan', `tcp ${HOST4} 8080`, 'ECONNREFUSED'], ['lan', `tcp ${HOST6} 8080`, 'ECONNREFUSED'], ['host', 'tcp 127.0.0.1 8088', '172.18.0.1']]);
  });
});
