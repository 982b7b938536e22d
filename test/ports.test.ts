import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { NetworkPlace, PlacedDaemon } from './world/netns.ts';
import { eventually } from './world/waiting.ts';

/*
 * Published ports of a real daemon, seen by real connections: from its host, from a neighbour on the LAN, and from the
 * containers themselves. Host and LAN are network namespaces.
 */

const [HOST4, HOST6, LAN4, LAN6] = ['192.0.2.1', '2001:db8::1', '192.0.2.9', '2001:db8::9'] as const;
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);

/** Says what it heard from a port, or why it heard nothing. */
const ASK = `
const [host, port] = process.argv.slice(1);
const say = (text) => { process.stdout.write(text); process.exit(0); };
setTimeout(say, 700, 'silence');
let heard = '';
require('node:net').connect(Number(port), host).on('error', (error) => say(error.code)).on('data', (data) => (heard += data)).on('end', () => say(heard.split('\\r\\n\\r\\n').at(-1))).write('GET / HTTP/1.0\\r\\n\\r\\n');`;
/** Answers with the address that it was asked from. */
const ANSWER = `
const port = Number(process.argv[1]);
for (const host of ['0.0.0.0', '::']) {
  require('node:net').createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.0 200 OK\\r\\n\\r\\n' + socket.remoteAddress))).listen({ port, host, ipv6Only: true }, () => console.log('up'));
}`;

describe('published ports', { skip, timeout: 240_000 }, () => {
  let host: NetworkPlace;
  let lan: NetworkPlace;
  let daemon: PlacedDaemon;
  let container4: string;

  function heard(from: NetworkPlace, address: string, port: number): string {
    return from.ok(process.execPath, '-e', ASK, address, String(port)).trim();
  }
  /** What must be heard is asked for again and again: a loaded machine is slower than silence may be. */
  const hears = (from: NetworkPlace, address: string, port: number, answer: string): Promise<string> => eventually(`${address} ${port} says ${answer}`, () => heard(from, address, port), (text) => text === answer);
  const reachesNothing = (from: NetworkPlace, address: string, port: number): void => assert.match(heard(from, address, port), /^(silence|E[A-Z]+)$/, `${address} ${port}`);

  before(async () => {
    host = await NetworkPlace.make();
    lan = await NetworkPlace.make();
    host.ok('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(lan.pid));
    for (const [place, v4, v6] of [[host, HOST4, HOST6], [lan, LAN4, LAN6]] as const) {
      place.ok('ip', 'address', 'add', `${v4}/24`, 'dev', 'eth0');
      place.ok('ip', 'address', 'add', `${v6}/64`, 'dev', 'eth0', 'nodad');
      place.ok('ip', 'link', 'set', 'eth0', 'up');
    }
    daemon = new PlacedDaemon(host);
    await daemon.up();
    daemon.ok('import', busyboxTar(), 'busybox');
    daemon.ok('run', '-d', '--name', 'serves', '-p', '8080:80', '-p', '127.0.0.1:8081:80', '-p', `${HOST4}:8083:80`, '--expose', '90', 'busybox', 'sh', '-c',
      'mkdir /www; echo heard >/www/index.html; httpd -p 80 -h /www; mkdir /more; echo unpublished >/more/index.html; httpd -f -p 90 -h /more');
    container4 = daemon.ok('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'serves');
    await hears(host, container4, 80, 'heard');
  });

  after(async () => {
    await daemon?.destroy();
    host?.end();
    lan?.end();
  });

  async function allReach(): Promise<void> {
    for (const address of ['127.0.0.1', HOST4, HOST6]) await hears(host, address, 8080, 'heard');
    for (const address of [HOST4, HOST6]) await hears(lan, address, 8080, 'heard');
    await hears(host, '127.0.0.1', 8081, 'heard');
    await hears(lan, HOST4, 8083, 'heard');
  }

  test('from the host by every address of it, from the LAN by those it has there', async () => {
    await allReach();
    await hears(host, '::1', 8080, 'heard');
  });

  test('a port of 127.0.0.1 can\'t be reached from the LAN, even by a neighbour that routes there', () => {
    reachesNothing(lan, HOST4, 8081);
    lan.ok('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet');
    lan.ok('ip', 'address', 'del', '127.0.0.1/8', 'dev', 'lo');
    lan.run('ip', 'route', 'del', 'local', '127.0.0.1', 'table', 'local');
    lan.run('ip', 'route', 'del', 'local', '127.0.0.0/8', 'table', 'local');
    lan.ok('ip', 'route', 'add', '127.0.0.1/32', 'via', HOST4, 'dev', 'eth0', 'src', LAN4);
    try {
      reachesNothing(lan, '127.0.0.1', 8081);
      reachesNothing(lan, '127.0.0.1', 8080);
    } finally {
      lan.run('ip', 'route', 'del', '127.0.0.1/32');
      lan.run('ip', 'address', 'add', '127.0.0.1/8', 'dev', 'lo');
    }
  });

  test('what is not published can\'t be reached from the LAN, even by a neighbour that has a route', async () => {
    lan.ok('ip', 'route', 'add', `${container4}/32`, 'via', HOST4);
    await hears(host, container4, 90, 'unpublished');
    reachesNothing(lan, container4, 90);
    reachesNothing(lan, container4, 80);
  });

  /** The last line of an answer. By nc, because wget of a static busybox crashes or hangs in its resolver. */
  function fetchInside(container: string, address: string, port: number): string {
    return daemon.ok('exec', container, 'sh', '-c', `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} ${port} | tail -n 1`);
  }

  test('a container reaches its own published port, and another\'s', () => {
    for (const from of ['serves', 'other']) {
      if (from === 'other') daemon.ok('run', '-d', '--name', 'other', 'busybox', 'sleep', '1000');
      assert.equal(fetchInside(from, HOST4, 8080), 'heard', from);
    }
    daemon.ok('rm', '-f', 'other');
  });

  test('outbound connections come from the host\'s address', async () => {
    const server = lan.start(process.execPath, '-e', ANSWER, '7777');
    try {
      // It says `up` once for each family.
      let said = '';
      for await (const text of server.stdout!) if ((said += String(text)).split('up').length > 2) break;
      assert.equal(fetchInside('serves', LAN4, 7777), HOST4);
      assert.equal(fetchInside('serves', LAN6, 7777), HOST6);
    } finally {
      server.kill('SIGKILL');
      // The program behind nsenter is the same process: it has executed it.
      await new Promise((resolve) => server.once('exit', resolve));
    }
  });

  test('a program that speaks no IPv6 is reached by the IPv6 addresses of the host', async () => {
    daemon.ok('run', '-d', '--name', 'four', '-p', '8070:70', '-p', '8071:71', 'busybox', 'sleep', '1000');
    const pid = daemon.ok('inspect', '-f', '{{.State.Pid}}', 'four');
    const answer = "s => s.on('error', () => {}).once('data', () => s.end('HTTP/1.0 200 OK\\r\\n\\r\\n' + (s.remoteFamily ?? '')))";
    const program = host.start('nsenter', '-t', pid, '-n', process.execPath, '-e', `const { createServer } = require('node:net'); createServer(${answer}).listen(70, '0.0.0.0'); createServer(${answer}).listen(71, '::');`);
    try {
      await hears(lan, HOST4, 8070, 'IPv4');
      await hears(lan, HOST6, 8070, 'IPv4');
      await hears(lan, HOST6, 8071, 'IPv6');
      await daemon.crash();
      await hears(lan, HOST6, 8071, 'IPv6');
      await daemon.up();
      await hears(lan, HOST6, 8070, 'IPv4');
    } finally {
      program.kill('SIGKILL');
      daemon.docker('rm', '-f', 'four');
    }
  });

  test('a range of ports is one element of the firewall, and every port of it works', async () => {
    daemon.ok('run', '-d', '--name', 'wide', '-p', '7000-7099:7000-7099', '-p', '7200-7201:90-91/sctp', 'busybox', 'sh', '-c', 'mkdir /www; echo wide >/www/index.html; httpd -p 7000 -h /www; httpd -f -p 7099 -h /www');
    for (const port of [7000, 7099]) await hears(lan, HOST4, port, 'wide');
    const ranges = host.ok('nft', 'list', 'ruleset').split('\n').filter((line) => line.includes('7000-7099'));
    assert.equal(ranges.length, 2, 'one for each family');
    assert.match(daemon.ok('port', 'wide', '90/sctp'), /0\.0\.0\.0:7200/);
    daemon.ok('rm', '-f', 'wide');
    await hears(lan, HOST4, 7000, 'ECONNREFUSED');
  });

  test('an element that others took away keeps none of its neighbours', () => {
    daemon.ok('run', '-d', '--name', 'three', '-p', '7301:1', '-p', '7302:2', '-p', '7303:3', 'busybox', 'sleep', '1000');
    const table = /table inet (gantry_\w+)/.exec(host.ok('nft', 'list', 'tables'))?.[1] ?? '';
    host.ok('nft', 'delete', 'element', 'inet', table, 'publish4_any', '{ 6 . 7302 }');
    daemon.ok('rm', '-f', 'three');
    assert.doesNotMatch(host.ok('nft', 'list', 'table', 'inet', table), /\b730[123]\b/);
  });

  test('a flush of the whole firewall by others is mended within a second', async () => {
    host.ok('nft', 'flush', 'ruleset');
    await eventually('the port is reached again', () => heard(lan, HOST4, 8080), (text) => text === 'heard', 5000);
    reachesNothing(lan, container4, 90);
    assert.match(daemon.log, /the firewall was changed by others: it is gone; it is made again/);
    const table = /table inet (gantry_\w+)/.exec(host.ok('nft', 'list', 'tables'))?.[1] ?? '';
    host.ok('nft', 'flush', 'chain', 'inet', table, 'forward');
    await eventually('the chain is there again', () => host.ok('nft', 'list', 'chain', 'inet', table, 'forward'), (text) => text.includes('drop'), 5000);
  });

  test('the bridge driver\'s options', async () => {
    const option = (name: string, value: string): string[] => ['-o', `com.docker.network.bridge.${name}=${value}`];
    const serve = (name: string, network: string, ...more: readonly string[]): string => {
      daemon.ok('run', '-d', '--name', name, '--network', network, ...more, 'busybox', 'sh', '-c', 'mkdir /www; echo served >/www/index.html; httpd -p 80 -h /www; httpd -f -p 90 -h /www');
      return daemon.ok('inspect', '-f', `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, name);
    };
    lan.ok('ip', 'route', 'add', '10.200.0.0/16', 'via', HOST4);
    daemon.ok('network', 'create', '--subnet', '10.200.1.0/24', ...option('gateway_mode_ipv4', 'routed'), 'routed');
    const routed = serve('in-routed', 'routed', '-p', '80');
    await hears(lan, routed, 80, 'served');
    reachesNothing(lan, routed, 90);
    daemon.ok('network', 'create', '--subnet', '10.200.2.0/24', ...option('gateway_mode_ipv4', 'nat-unprotected'), 'open');
    const open = serve('in-open', 'open');
    await hears(lan, open, 90, 'served');
    daemon.ok('network', 'create', '--subnet', '10.200.3.0/24', ...option('host_binding_ipv4', '127.0.0.1'), ...option('enable_icc', 'false'), ...option('trusted_host_interfaces', 'eth0'), '-o', 'com.docker.network.container_iface_prefix=net', '-o', 'com.docker.network.driver.mtu=1400', 'bound');
    const bound = serve('in-bound', 'bound', '-p', '8090:80');
    serve('beside', 'bound');
    await hears(host, '127.0.0.1', 8090, 'served');
    reachesNothing(lan, HOST4, 8090);
    await hears(lan, bound, 90, 'served');
    assert.match(daemon.ok('exec', 'beside', 'ip', 'link', 'show', 'net0'), /mtu 1400/);
    assert.equal(daemon.docker('exec', 'beside', 'ping', '-c1', '-W1', bound).code, 1, 'containers do not reach each other');
    daemon.ok('network', 'create', '--internal', ...option('gateway_mode_ipv4', 'isolated'), ...option('gateway_mode_ipv6', 'isolated'), '--subnet', '10.200.4.0/24', 'alone');
    const alone = serve('in-alone', 'alone');
    assert.doesNotMatch(host.ok('ip', 'address'), /10\.200\.4\./, 'not even the host has an address there');
    reachesNothing(host, alone, 80);
    daemon.ok('rm', '-f', 'in-routed', 'in-open', 'in-bound', 'beside', 'in-alone');
    daemon.ok('network', 'rm', 'routed', 'open', 'bound', 'alone');
    lan.ok('ip', 'route', 'del', '10.200.0.0/16');
  });

  test('a macvlan network has its containers on the LAN itself', async () => {
    daemon.ok('network', 'create', '-d', 'macvlan', '--subnet', '192.0.2.0/24', '--gateway', LAN4, '-o', 'parent=eth0', 'street');
    daemon.ok('run', '-d', '--name', 'house', '--network', 'street', '--ip', '192.0.2.50', 'busybox', 'sh', '-c', 'mkdir /www; echo house >/www/index.html; httpd -f -p 80 -h /www');
    const isReached = (address: string): Promise<string> => eventually(`${address} is reached`, () => heard(lan, address, 80), (text) => text === 'house');
    await isReached('192.0.2.50');
    assert.match(daemon.ok('exec', 'house', 'ip', 'route'), /default via 192\.0\.2\.9 /);
    daemon.ok('network', 'disconnect', 'street', 'house');
    assert.doesNotMatch(daemon.ok('exec', 'house', 'ls', '/sys/class/net'), /eth0/);
    daemon.ok('network', 'connect', '--ip', '192.0.2.51', 'street', 'house');
    await isReached('192.0.2.51');
    daemon.ok('rm', '-f', 'house');
    daemon.ok('network', 'rm', 'street');
    // Clients of old give the subnets in any order. Each has room for one.
    daemon.ok('network', 'create', '-d', 'macvlan', '--subnet', '192.0.2.48/30', '--gateway', '192.0.2.49', '--subnet', '198.51.100.0/30', '--gateway', '198.51.100.1', '-o', 'parent=eth0', 'street');
    const addresses = ['first', 'second'].map((name) => {
      daemon.ok('run', '-d', '--name', name, '--network', 'street', 'busybox', 'sleep', '1000');
      return /inet (\S+)/.exec(daemon.ok('exec', name, 'ip', 'address', 'show', 'eth0'))?.[1];
    });
    assert.deepEqual(addresses.toSorted(), ['192.0.2.50/30', '198.51.100.2/30'], 'the second subnet is used when the first is full');
    daemon.ok('rm', '-f', 'first', 'second');
    daemon.ok('network', 'rm', 'street');
    const refused = (...args: readonly string[]): string => daemon.docker(...args).err;
    assert.match(refused('network', 'create', '-d', 'macvlan', 'nowhere'), /needs a link of the host below it: give -o parent=LINK/);
  });

  // What it does where the kernel has it is tried in the guest: `test/guest/inside.ts`.
  test('an ipvlan network takes a link for itself, and says so where the kernel has none', () => {
    daemon.ok('network', 'create', '-d', 'ipvlan', '--subnet', '192.0.2.0/24', '--gateway', LAN4, '-o', 'parent=eth0', 'street');
    assert.match(daemon.docker('network', 'create', '-d', 'ipvlan', '-o', 'parent=eth0', 'other').err, /network di-[0-9a-f]{12} is already using parent interface eth0: network street has it/);
    const { code, err } = daemon.docker('run', '--rm', '--network', 'street', '--ip', '192.0.2.50', 'busybox', 'true');
    if (code !== 0) assert.match(err, /create the ipvlan link eth0: .*operation not supported/i);
    daemon.ok('network', 'rm', 'street');
  });

  test('a UDP client goes over to the next container that has the port', async () => {
    /** A container whose port 53 answers its name, by a program in its network. */
    const serve = (name: string): ChildProcess => {
      daemon.ok('run', '-d', '--name', name, '-p', '8053:53/udp', 'busybox', 'sleep', '1000');
      return host.start('nsenter', '-t', daemon.ok('inspect', '-f', '{{.State.Pid}}', name), '-n', process.execPath, '-e', `const s = require('node:dgram').createSocket('udp4'); s.on('message', (m, from) => s.send('${name}', from.port, from.address)).bind(53);`);
    };
    const programs: ChildProcess[] = [];
    // One socket, so that the kernel knows the connection all the while.
    const talks = lan.start(process.execPath, '-e', `const s = require('node:dgram').createSocket('udp4'); s.on('message', (m) => console.log(String(m).trim())); s.bind(40053, () => setInterval(() => s.send('x', 8053, '${HOST4}'), 100));`);
    let said = '';
    talks.stdout?.on('data', (text) => (said += String(text)));
    try {
      programs.push(serve('former'));
      await eventually('the first answers', () => said, (text) => text.includes('former'));
      daemon.ok('rm', '-f', 'former');
      // It takes the address, so that the next has another one.
      daemon.ok('run', '-d', '--name', 'filler', 'busybox', 'sleep', '1000');
      programs.push(serve('later'));
      await eventually('the second answers', () => said, (text) => text.includes('later'));
    } finally {
      for (const program of [talks, ...programs]) program.kill('SIGKILL');
      daemon.docker('rm', '-f', 'former', 'filler', 'later');
    }
  });

  test('they go on without a daemon, and all of them once it is back', async () => {
    await daemon.crash();
    await allReach();
    await hears(host, '::1', 8080, 'ECONNREFUSED');
    await daemon.up();
    await allReach();
    await hears(host, '::1', 8080, 'heard');
  });

  test('a stopped container\'s port is free at once, and refuses', async () => {
    daemon.ok('stop', '-t', '0', 'serves');
    await hears(lan, HOST4, 8080, 'ECONNREFUSED');
    await hears(host, '127.0.0.1', 8080, 'ECONNREFUSED');
    daemon.ok('run', '-d', '--name', 'next', '-p', '8080:80', 'busybox', 'sh', '-c', 'mkdir /www; echo next >/www/index.html; httpd -f -p 80 -h /www');
    await hears(lan, HOST4, 8080, 'next');
    daemon.ok('rm', '-f', 'next');
  });
});
