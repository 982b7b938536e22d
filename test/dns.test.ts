import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { NetworkPlace, PlacedDaemon } from './world/netns.ts';
import { eventually } from './world/waiting.ts';

/*
 * Names inside of containers of a real daemon. Its host is a network namespace, where the address of this machine's own name
 * server belongs to a small one of the test: it answers any name that ends in `.test`, and counts its questions.
 */
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const UPSTREAM = /^nameserver\s+([\d.]+)/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1] ?? '127.0.0.1';

/** Answers 192.0.2.77 over UDP and TCP to `*.test`, with `big.test` only over TCP, `slow.test` never, nor what ends in it, and NXDOMAIN to all others. Prints the names it hears. */
const SERVER = `
const [address] = process.argv.slice(1);
const nameOf = (m) => { let at = 12, out = []; for (let n; (n = m[at]) > 0; at += n + 1) out.push(m.toString('latin1', at + 1, at + 1 + n)); return { name: out.join('.').toLowerCase(), end: at + 5 }; };
const reply = (m, tcp) => {
  const { name, end } = nameOf(m);
  console.log((tcp ? 'tcp ' : 'udp ') + name);
  if (name.endsWith('slow.test')) return undefined;
  const known = name.endsWith('.test');
  const cut = name === 'big.test' && !tcp;
  const full = known && !cut && m.readUInt16BE(end - 4) === 1;
  const head = Buffer.from([m[0], m[1], cut ? 0x83 : 0x81, known ? 0x80 : 0x83, 0, 1, 0, full ? 1 : 0, 0, 0, 0, 0]);
  return Buffer.concat([head, m.subarray(12, end), ...(full ? [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 192, 0, 2, 77])] : [])]);
};
const udp = require('node:dgram').createSocket('udp4');
udp.on('message', (m, from) => { if (nameOf(m).name === 'flood.slow.test') console.log('from ' + from.port + ' ' + m.readUInt16BE(0)); const r = reply(m, false); if (r) udp.send(r, from.port, from.address); });
udp.bind(53, address, () => console.log('up'));
require('node:net').createServer((s) => s.on('error', () => {}).on('data', (d) => { const r = reply(d.subarray(2), true); if (r) s.write(Buffer.concat([Buffer.from([r.length >> 8, r.length & 255]), r])); })).listen(53, address, () => console.log('up'));
`;

/** Asks the embedded server over TCP, from inside of a sandbox, and prints the last four bytes of the answer as an address. */
const ASK_TCP = `
const [name] = process.argv.slice(1);
const q = Buffer.concat([Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...name.split('.').flatMap((l) => [Buffer.from([l.length]), Buffer.from(l)]), Buffer.from([0, 0, 1, 0, 1])]);
const s = require('node:net').connect(53, '127.0.0.11');
s.setTimeout(4000, () => { console.log('silence'); process.exit(); });
s.on('error', (e) => console.log(e.code)).on('data', (d) => { console.log([...d.subarray(-4)].join('.')); process.exit(); }).write(Buffer.concat([Buffer.from([0, q.length]), q]));
`;

describe('names in containers', { skip, timeout: 100_000 }, () => {
  let host: NetworkPlace;
  let daemon: PlacedDaemon;
  let upstream: ChildProcess;
  let heard = '';

  const lookUp = (container: string, name: string, type = 'a'): string => daemon.docker('exec', container, 'nslookup', `-type=${type}`, name).out;
  /** Addresses that a look-up tells, less that of the server. */
  const addresses = (container: string, name: string, type = 'a'): string[] => {
    const [, ...answer] = lookUp(container, name, type).split(/\n\s*\n/);
    return [...answer.join('\n').matchAll(/Address(?: \d+)?:\s*(\S+)/g)].map(([, address = '']) => address);
  };
  const addressOf = (container: string, network: string, field = 'IPAddress'): string => daemon.ok('inspect', '-f', `{{(index .NetworkSettings.Networks "${network}").${field}}}`, container);
  const run = (name: string, ...more: readonly string[]): string => daemon.ok('run', '-d', '--name', name, ...more, 'busybox', 'sleep', '1000');

  before(async () => {
    host = await NetworkPlace.make();
    host.ok('ip', 'address', 'add', `${UPSTREAM}/32`, 'dev', 'lo');
    upstream = host.start(process.execPath, '-e', SERVER, UPSTREAM);
    upstream.stdout?.on('data', (text) => (heard += String(text)));
    daemon = new PlacedDaemon(host);
    await daemon.up();
    daemon.ok('import', busyboxTar(), 'busybox');
    daemon.ok('network', 'create', '--ipv6', 'back');
    daemon.ok('network', 'create', '--internal', 'inside');
    run('web', '--network', 'back', '--network-alias', 'front', '--hostname', 'wide');
    run('web2', '--network', 'back', '--network-alias', 'front');
    run('asks', '--network', 'back', '--link', 'web:database');
    run('shut', '--network', 'inside');
    await eventually('the upstream server is up', () => heard.split('up').length, (count) => count > 2);
  });

  after(async () => {
    await daemon?.destroy();
    upstream?.kill('SIGKILL');
    host?.end();
  });

  test('by name, alias, short id, hostname, link, and with the network', () => {
    const web = addressOf('web', 'back');
    const id = daemon.ok('inspect', '-f', '{{slice .Id 0 12}}', 'web');
    for (const name of ['web', 'WEB', id, 'wide', 'database', 'web.back']) assert.deepEqual(addresses('asks', name), [web], name);
    assert.deepEqual(addresses('asks', 'web', 'aaaa'), [addressOf('web', 'back', 'GlobalIPv6Address')]);
    assert.deepEqual(addresses('web2', 'database'), [], 'a link is for one container');
  });

  test('an alias of several has all addresses, each first in its turn', () => {
    const both = [addressOf('web', 'back'), addressOf('web2', 'back')].sort();
    const firsts = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      const found = addresses('asks', 'front');
      assert.deepEqual(found.toSorted(), both);
      firsts.add(found[0] ?? '');
    }
    assert.equal(firsts.size, 2);
  });

  test('an address has its name', () => {
    assert.match(lookUp('asks', `${addressOf('web', 'back').split('.').toReversed().join('.')}.in-addr.arpa`, 'ptr'), /web\.back/);
  });

  test('others are asked of the host\'s servers, over UDP and TCP', async () => {
    assert.deepEqual(addresses('asks', 'far.test'), ['192.0.2.77']);
    await eventually('the upstream server heard it', () => heard, (text) => text.includes('udp far.test'));
    assert.match(lookUp('asks', 'nobody.example'), /NXDOMAIN|can't find|can't resolve/);
    const pid = daemon.ok('inspect', '-f', '{{.State.Pid}}', 'asks');
    const overTcp = (name: string): string => host.ok('nsenter', '-t', pid, '-n', process.execPath, '-e', ASK_TCP, name).trim();
    assert.equal(overTcp('web'), addressOf('web', 'back'));
    assert.equal(overTcp('big.test'), '192.0.2.77');
    await eventually('it heard that, too', () => heard, (text) => text.includes('tcp big.test'));
  });

  test('an internal network has names and leaks none', async () => {
    assert.deepEqual(addresses('shut', 'shut'), [addressOf('shut', 'inside')]);
    assert.deepEqual(addresses('shut', 'secret.test'), []);
    // What comes after it has been heard.
    assert.deepEqual(addresses('asks', 'after.test'), ['192.0.2.77']);
    await eventually('the upstream server heard the next', () => heard, (text) => text.includes('udp after.test'));
    assert.doesNotMatch(heard, /secret\.test/);
    assert.deepEqual(addresses('shut', 'web'), [], 'names of another network are none of its business');
  });

  test('a joined network adds its names, one that was left takes them away, and a rename is known at once', () => {
    assert.deepEqual(addresses('asks', 'shut'), []);
    daemon.ok('network', 'connect', 'inside', 'asks');
    assert.deepEqual(addresses('asks', 'shut'), [addressOf('shut', 'inside')]);
    daemon.ok('network', 'disconnect', 'inside', 'asks');
    assert.deepEqual(addresses('asks', 'shut'), []);
    daemon.ok('rename', 'web2', 'other');
    assert.deepEqual(addresses('asks', 'other'), [addressOf('other', 'back')]);
    assert.deepEqual(addresses('asks', 'web2'), []);
    daemon.ok('rename', 'other', 'web2');
  });

  test('resolv.conf: ours in a network of its own, the host\'s in the default one', () => {
    const inside = daemon.ok('exec', 'asks', 'cat', '/etc/resolv.conf');
    assert.match(inside, /^nameserver 127\.0\.0\.11$/m);
    assert.match(inside, /^options .*ndots:0$/m);
    run('plain');
    assert.match(daemon.ok('exec', 'plain', 'cat', '/etc/resolv.conf'), new RegExp(`^nameserver ${UPSTREAM.replaceAll('.', '\\.')}$`, 'm'));
    daemon.ok('rm', '-f', 'plain');
  });

  test('a program may have port 53 of every address', async () => {
    daemon.ok('exec', '-d', 'asks', 'nc', '-l', '-p', '53');
    await eventually('it listens', () => daemon.docker('exec', 'asks', 'grep', '-E', '^ *[0-9]+: 0{32}:0035 0+:0000 0A', '/proc/net/tcp6').code, (code) => code === 0);
    assert.deepEqual(addresses('asks', 'web'), [addressOf('web', 'back')]);
  });

  test('a silent upstream server holds nobody up but its questioner', () => {
    daemon.ok('exec', '-d', 'asks', 'sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do nslookup slow.test & done; wait');
    const began = performance.now();
    assert.deepEqual(addresses('asks', 'web'), [addressOf('web', 'back')]);
    assert.ok(performance.now() - began < 4500);
  });

  test('S-711 a flood of questions without answers is bounded, and each has a port and an id of its own', async () => {
    const flood = `const q = Buffer.concat([Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5]), Buffer.from('flood'), Buffer.from([4]), Buffer.from('slow'), Buffer.from([4]), Buffer.from('test'), Buffer.from([0, 0, 1, 0, 1])]);
      let refused = 0;
      const end = () => { console.log(refused); process.exit(); };
      const s = require('node:dgram').createSocket('udp4').on('message', (m) => { if ((m[3] & 15) === 2 && (refused += 1) === 1) setTimeout(end, 500); });
      s.bind(0, () => { for (let id = 0; id < 600; id += 1) { q.writeUInt16BE(id); s.send(Buffer.from(q), 53, '127.0.0.11'); } });
      setTimeout(end, 10_000);`;
    const pid = daemon.ok('inspect', '-f', '{{.State.Pid}}', 'web2');
    const told = heard.length;
    const refused = Number(host.ok('nsenter', '-t', pid, '-n', process.execPath, '-e', flood));
    assert.ok(refused > 0, 'the others are refused at once');
    assert.deepEqual(addresses('asks', 'far.test'), ['192.0.2.77'], 'others are served meanwhile');
    await eventually('what was asked before is told', () => heard.slice(told), (text) => text.includes('udp far.test'));
    const asked = [...heard.slice(told).matchAll(/^from (\d+ \d+)$/gm)].map(([, pair = '']) => pair);
    assert.ok(asked.length > 10 && asked.length <= 100, `${asked.length} questions are under way`);
    const distinct = (part: number): number => new Set(asked.map((pair) => pair.split(' ')[part])).size;
    assert.ok(distinct(0) > asked.length * 0.9 && distinct(1) > asked.length * 0.9, asked.join(', '));
    const ids = asked.map((pair) => Number(pair.split(' ')[1]));
    assert.ok(ids.filter((id, index) => id === (ids[index - 1] ?? -2) + 1).length < asked.length / 10, 'ids do not count up');
  });

  test('after a crash of the daemon the names are there as soon as it is', async () => {
    await daemon.crash();
    assert.deepEqual(addresses('asks', 'web'), []);
    await daemon.up();
    assert.deepEqual(addresses('asks', 'web'), [addressOf('web', 'back')]);
    assert.deepEqual(addresses('asks', 'far.test'), ['192.0.2.77']);
  });

  test('servers that were named are asked from inside', async () => {
    run('named', '--network', 'back', '--dns', addressOf('web', 'back'));
    const pid = daemon.ok('inspect', '-f', '{{.State.Pid}}', 'web');
    const inner = host.start('nsenter', '-t', pid, '-n', process.execPath, '-e', SERVER, addressOf('web', 'back'));
    let said = '';
    inner.stdout?.on('data', (text) => (said += String(text)));
    try {
      await eventually('its own server is up', () => said.split('up').length, (count) => count > 2);
      assert.deepEqual(addresses('named', 'own.test'), ['192.0.2.77']);
      await eventually('its own server heard it', () => said, (text) => text.includes('udp own.test'));
      assert.doesNotMatch(heard, /own\.test/);
    } finally {
      inner.kill('SIGKILL');
    }
  });
});
