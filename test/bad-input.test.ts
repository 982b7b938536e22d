import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, readdirSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { ask, exchangeRaw } from './world/http.ts';
import { eventually, sleep } from './world/waiting.ts';
import { residentBytes } from './world/resident-bytes.ts';
import { SENTINEL, Untouched } from './world/untouched.ts';

/*
 * What a careless, unlucky or hostile person can hand to the daemon. Every case is refused in one line that says why, in
 * Docker's shape; the daemon goes on; nothing outside is touched and nothing is left.
 */

const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const MIB = 1024 * 1024;

let daemon: TestDaemon;
let untouched: Untouched | undefined;
let sentinel: string;

/** The CLI takes SIGTERM for its container, so a test that waits in vain needs a stronger word. */
function impatient(seconds: number, ...args: readonly string[]): { code: number; out: string; err: string } {
  const { status, stdout, stderr, error } = spawnSync(findDockerCli() ?? '', args, {
    env: { PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` }, encoding: 'utf8', timeout: seconds * 1000, killSignal: 'SIGKILL',
  });
  assert.equal(error, undefined, `docker ${args.join(' ')} does not end: ${stdout}${stderr}`);
  return { code: status ?? -1, out: stdout, err: stderr };
}

function refused(code: number, pattern: RegExp, ...args: readonly string[]): void {
  const ran = impatient(8, ...args);
  assert.equal(ran.code, code, `docker ${args.join(' ')}: ${ran.err}`);
  assert.match(ran.err, pattern);
  const told = ran.err.split('\n').filter((line) => line !== '' && !line.startsWith('Run ') && !line.startsWith('Unable to find image'));
  assert.ok(told.length <= 2, `told in few lines: ${ran.err}`);
  assert.doesNotMatch(ran.err, /\n\s+at |undefined|\[object/, 'no stack, nothing unprinted');
}

function idsOf(): string[] {
  return daemon.ok('ps', '-aq').split('\n').filter(Boolean);
}

function clear(): void {
  const ids = idsOf();
  if (ids.length > 0) daemon.ok('rm', '-f', '-v', ...ids);
}

describe('bad input', { skip, timeout: 240_000 }, () => {
  let pid: number;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    pid = daemon.pid;
    untouched = new Untouched(daemon);
    ({ sentinel } = untouched);
  });

  after(async () => {
    await daemon?.destroy();
    untouched?.remove();
  });

  beforeEach(() => untouched?.begin());

  afterEach(async () => {
    clear();
    await untouched?.check();
  });

  describe('what a person mistypes', () => {
    test('an image that is not there', () => {
      refused(125, /nosuch/, 'run', '--rm', '--pull=never', 'nosuch', 'true');
      refused(125, /invalid reference format|lowercase/i, 'run', '--rm', 'UPPER/Case!', 'true');
    });

    test('a name that is taken, and one that can\'t be', () => {
      const id = daemon.ok('create', '--name', 'taken', 'busybox');
      refused(125, new RegExp(`Conflict. The container name "/taken" is already in use by container "${id}"`), 'run', '--name', 'taken', 'busybox');
      refused(125, /Invalid container name \(.bad\)/, 'run', '--name', '.bad', 'busybox');
      refused(1, /already in use/, 'rename', daemon.ok('create', '--name', 'other', 'busybox'), 'taken');
    });

    test('a port that a program of the host has', async () => {
      const servers: Server[] = [];
      const listen = (host: string): Promise<number> => new Promise((resolve) => {
        const server = createServer().listen({ host, port: 0, ipv6Only: true }, () => resolve((server.address() as { port: number }).port));
        servers.push(server);
      });
      const [v4, v6] = [await listen('0.0.0.0'), await listen('::')];
      const udp = createSocket('udp4');
      await new Promise<void>((resolve) => udp.bind(0, '0.0.0.0', resolve));
      try {
        refused(125, new RegExp(`0.0.0.0:${v4}: address already in use`), 'run', '--rm', '-p', `${v4}:80`, 'busybox', 'true');
        refused(125, new RegExp(`${v4}: address already in use`), 'run', '--rm', '-p', `127.0.0.1:${v4}:80`, 'busybox', 'true');
        refused(125, new RegExp(`${v6}: address already in use`), 'run', '--rm', '-p', `[::1]:${v6}:80`, 'busybox', 'true');
        refused(125, new RegExp(`${v6}: address already in use`), 'run', '--rm', '-p', `${v6}:80`, 'busybox', 'true');
        refused(125, new RegExp(`${udp.address().port}: address already in use`), 'run', '--rm', '-p', `${udp.address().port}:80/udp`, 'busybox', 'true');
        daemon.ok('run', '--rm', '-p', `${udp.address().port}:80/tcp`, 'busybox', 'true');
        refused(125, /cannot assign requested address|not .* address/i, 'run', '--rm', '-p', '203.0.113.77:8099:80', 'busybox', 'true');
      } finally {
        for (const server of servers) server.close();
        udp.close();
      }
    });

    test('a port that another container has', () => {
      daemon.ok('run', '-d', '--name', 'first', '-p', '127.0.0.1:18211:80', '-p', '127.0.0.1:18212:80/udp', '-p', '[::1]:18213:80', 'busybox', 'sleep', '100');
      refused(125, /18211 failed: port is already allocated/, 'run', '--rm', '-p', '18211:80', 'busybox', 'true');
      refused(125, /18212 failed: port is already allocated/, 'run', '--rm', '-p', '127.0.0.1:18212:80/udp', 'busybox', 'true');
      refused(125, /18213 failed: port is already allocated/, 'run', '--rm', '-p', '[::1]:18213:80', 'busybox', 'true');
      daemon.ok('run', '--rm', '-p', '127.0.0.1:18213:80', 'busybox', 'true');
      daemon.ok('rm', '-f', 'first');
      daemon.ok('run', '--rm', '-p', '18211:80', 'busybox', 'true');
    });

    test('mounts that can\'t be', () => {
      refused(125, /bind source path does not exist: \/nosuch\/source/, 'run', '--rm', '--mount', 'type=bind,src=/nosuch/source,dst=/x', 'busybox', 'true');
      refused(125, /invalid mount path: 'relative'|mount path must be absolute/, 'run', '--rm', '-v', '/tmp:relative', 'busybox', 'true');
      refused(125, /absolute/, 'run', '--rm', '--mount', 'type=volume,dst=relative', 'busybox', 'true');
      refused(125, /destination can't be '\/'|can't be '\/'/, 'run', '--rm', '-v', '/tmp:/', 'busybox', 'true');
      refused(125, /Duplicate mount point: \/x/, 'run', '--rm', '-v', '/tmp:/x', '-v', '/var:/x', 'busybox', 'true');
      refused(125, /includes invalid characters|invalid/, 'run', '--rm', '-v', 'no/slash:/x', 'busybox', 'true');
      refused(125, /invalid mode|unknown/i, 'run', '--rm', '-v', '/tmp:/x:nonsense', 'busybox', 'true');
    });

    test('programs that can\'t be run', () => {
      refused(127, /exec: "nosuch": executable file not found in \$PATH/, 'run', '--rm', 'busybox', 'nosuch');
      refused(127, /exec: "\/nosuch": .*no such file or directory/, 'run', '--rm', 'busybox', '/nosuch');
      refused(126, /exec: "\/etc\/passwd": .*permission denied/, 'run', '--rm', 'busybox', '/etc/passwd');
      refused(126, /exec: "\/etc": .*(is a directory|permission denied)/, 'run', '--rm', 'busybox', '/etc');
      daemon.ok('run', '-d', '--name', 'execs', 'busybox', 'sleep', '100');
      assert.equal(daemon.docker('exec', 'execs', 'nosuch').code, 127);
      assert.equal(daemon.docker('exec', 'execs', '/etc/passwd').code, 126);
      assert.equal(daemon.docker('exec', 'execs', '/etc').code, 126);
      assert.equal(daemon.docker('exec', 'execs', 'sh', '-c', 'exit 42').code, 42);
    });

    test('users that can\'t be', () => {
      refused(125, /unable to find user nobody-here: no matching entries in passwd file/, 'run', '--rm', '-u', 'nobody-here', 'busybox', 'true');
      refused(125, /unable to find group nogroup-here/, 'run', '--rm', '-u', 'root:nogroup-here', 'busybox', 'true');
      for (const user of ['4294967296', '2147483648', '-1', '0:4294967296', '0:-1', '0:0x0']) refused(125, /user|group|id|range/i, 'run', '--rm', '-u', user, 'busybox', 'true');
      daemon.ok('run', '-d', '--name', 'execs', 'busybox', 'sleep', '100');
      for (const user of ['4294967296', '-1', 'nobody-here']) assert.notEqual(daemon.docker('exec', '-u', user, 'execs', 'true').code, 0, user);
    });

    test('working directories that lead out', () => {
      for (const directory of ['/proc/self/fd/3', '/proc/self/fd/7/../../..', '/proc/self/fd/8/..']) {
        const ran = impatient(8, 'run', '--rm', '-w', directory, 'busybox', 'sh', '-c', `cat ../../../../${sentinel} ${sentinel}; pwd`);
        assert.doesNotMatch(ran.out, new RegExp(SENTINEL), directory);
        if (!directory.includes('..')) assert.notEqual(ran.code, 0, directory);
      }
      daemon.ok('run', '-d', '--name', 'execs', 'busybox', 'sleep', '100');
      for (let fd = 3; fd < 16; fd += 1) {
        const ran = daemon.docker('exec', '-w', `/proc/self/fd/${fd}`, 'execs', 'sh', '-c', `cat ../../..${sentinel} ../../../..${sentinel}`);
        assert.doesNotMatch(ran.out, new RegExp(SENTINEL));
        assert.notEqual(ran.code, 0);
      }
      refused(125, /needs to be an absolute path|must be an absolute|absolute/i, 'run', '--rm', '-w', 'relative', 'busybox', 'true');
    });

    test('a container that is not there, for every verb', async () => {
      for (const verb of ['start', 'stop', 'kill', 'restart', 'pause', 'unpause', 'rm', 'wait', 'logs', 'attach', 'inspect', 'port', 'top', 'export', 'commit', 'diff']) {
        const ran = daemon.docker(verb, 'nosuch');
        assert.notEqual(ran.code, 0, verb);
        assert.match(ran.err, /no such (container|object)|not (yet )?(implemented|supported)|page not found/i, `${verb}: ${ran.err}`);
      }
      assert.match(daemon.docker('exec', 'nosuch', 'true').err, /No such container: nosuch/);
      for (const [method, path] of [['GET', 'json'], ['POST', 'start'], ['POST', 'stop'], ['POST', 'kill'], ['POST', 'restart'], ['POST', 'pause'], ['POST', 'unpause'], ['POST', 'wait'], ['GET', 'logs?stdout=1'], ['POST', 'attach?stdout=1'], ['GET', 'top'], ['POST', 'rename?name=x'], ['POST', 'resize?h=1&w=1']] as const) {
        const answer = await ask(daemon.socket, method, `/v1.47/containers/nosuch/${path}`);
        assert.equal(answer.status, 404, `${path}: ${answer.text}`);
        assert.equal(answer.message, `${path === 'kill' ? 'cannot kill container: nosuch: ' : ''}No such container: nosuch`);
      }
      assert.deepEqual(await ask(daemon.socket, 'DELETE', '/containers/nosuch').then(({ status }) => status), 404);
    });
  });

  describe('what a client sends', () => {
    const create = (body: string): Promise<{ status: number; message: string | undefined; text: string }> => ask(daemon.socket, 'POST', '/v1.47/containers/create', { body });

    test('JSON that is none, and of wrong types', async () => {
      const bodies = ['{', '[]', '"text"', 'null', '17', '{"Image":1}', '{"Image":"busybox","Cmd":{"a":1}}', '{"Image":"busybox","HostConfig":"x"}', '{"Image":"busybox","Env":[1]}', '{"Image":"busybox","HostConfig":{"Memory":"much"}}', '{"Image":"busybox","HostConfig":{"PortBindings":[]}}', '{"Image":"busybox","Labels":["a"]}', '{"Image":"busybox"}{"Image":"busybox"}', '{"Image":"busybox","HostConfig":{"Memory":1e400}}'];
      for (const body of bodies) {
        const answer = await create(body);
        assert.equal(answer.status, 400, `${body}: ${answer.status} ${answer.text}`);
        assert.ok(answer.message !== undefined && answer.message.length > 0 && !answer.message.includes('\n'), answer.text);
        assert.doesNotMatch(answer.message, /Cannot read prop|is not a function|is not iterable|undefined/);
      }
    });

    test('names that JavaScript has other plans with', async () => {
      for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        const answer = await create(`{"Image":"busybox","Labels":{"${key}":"value"},"Env":["${key}=value"],"HostConfig":{"LogConfig":{"Config":{}},"Annotations":{"${key}":"value"}}}`);
        assert.equal(answer.status, 201, answer.text);
        const { Id } = JSON.parse(answer.text) as { Id: string };
        const { Config } = JSON.parse((await ask(daemon.socket, 'GET', `/containers/${Id}/json`)).text) as { Config: { Labels: Record<string, string>; Env: string[] } };
        assert.equal(Object.getOwnPropertyDescriptor(Config.Labels, key)?.value, 'value', key);
        assert.ok(Config.Env.includes(`${key}=value`));
        const filters = encodeURIComponent(`{"label":{"${key}=value":true}}`);
        const list = await ask(daemon.socket, 'GET', `/containers/json?all=1&filters=${filters}`);
        assert.deepEqual((JSON.parse(list.text) as { Id: string }[]).map((row) => row.Id), [Id]);
        const odd = await ask(daemon.socket, 'GET', `/containers/json?filters=${encodeURIComponent(`{"${key}":{"a":true}}`)}`);
        assert.equal(odd.status, 400, odd.text);
        clear();
      }
    });

    test('bodies of 100 MB, and JSON 100,000 deep', async () => {
      const before = residentBytes(pid);
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let sent = 0; sent < 100; sent += 1) yield Buffer.alloc(MIB, 0x20);
      }
      // A client that is still writing may see the connection closed ahead of the answer.
      const closed = (error: NodeJS.ErrnoException): { status: number; message: string; text: string } => {
        assert.match(error.code ?? '', /EPIPE|ECONNRESET/);
        return { status: 413, message: 'larger than', text: '' };
      };
      const streamed = await ask(daemon.socket, 'POST', '/containers/create', { body: endless(), headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } }).catch(closed);
      assert.equal(streamed.status, 413, streamed.text);
      assert.match(streamed.message ?? '', /larger than/);
      const declared = await ask(daemon.socket, 'POST', '/containers/create', { body: endless(), headers: { 'Content-Type': 'application/json', 'Content-Length': String(100 * MIB) } }).catch(closed);
      assert.equal(declared.status, 413, declared.text);
      const deep = await create(`{"Image":"busybox","Labels":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`);
      assert.equal(deep.status, 400, deep.text);
      const deepList = await create(`{"Cmd":${'['.repeat(500_000)}`);
      assert.equal(deepList.status, 400, deepList.text);
      assert.ok(residentBytes(pid) - before < 80 * MIB, `${(residentBytes(pid) - before) / MIB} MiB more`);
    });

    test('paths, methods and heads that are not HTTP\'s', async () => {
      for (const path of ['/containers/%00/json', '/containers/..%2f..%2fetc/json', '/containers/%2e%2e/json', '/images/..%2f..%2fx/json', '/volumes/..%2f..%2fx', '/volumes/%2e%2e', '/%', '/containers/%zz/json', '/v1.47/../../etc/passwd', '//', '/v99999999999999999999.1/info', '/v1.5x/info']) {
        const answer = await ask(daemon.socket, 'GET', path);
        assert.ok(answer.status === 400 || answer.status === 404, `${path}: ${answer.status} ${answer.text}`);
        assert.ok(answer.message !== undefined, `${path}: ${answer.text}`);
      }
      for (const method of ['PATCH', 'TRACE', 'PROPFIND', 'PUT']) assert.ok([400, 404, 405].includes((await ask(daemon.socket, method, '/containers/json')).status), method);
      assert.match(await exchangeRaw(daemon.socket, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400/);
      assert.match(await exchangeRaw(daemon.socket, `GET /_ping HTTP/1.1\r\nHost: d\r\nX: ${'a'.repeat(400 * 1024)}\r\n\r\n`, 2000), /^HTTP\/1\.1 431/);
      assert.match(await exchangeRaw(daemon.socket, 'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'), /^HTTP\/1\.1 400/);
      assert.match(await exchangeRaw(daemon.socket, 'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}'), /^HTTP\/1\.1 400/);
      const typed = await ask(daemon.socket, 'POST', '/containers/create', { body: Buffer.from('{}'), headers: { 'Content-Type': 'text/plain' } });
      assert.equal(typed.status, 400);
    });

    test('names and values with a NUL', async () => {
      for (const body of ['{"Image":"busybox","Cmd":["a\\u0000b"]}', '{"Image":"busybox","Env":["A=\\u0000"]}', '{"Image":"busybox","WorkingDir":"/a\\u0000b"}', '{"Image":"busybox","HostConfig":{"Binds":["/tmp:/a\\u0000b"]}}', '{"Image":"busybox","Hostname":"a\\nb"}']) {
        const made = await create(body);
        const answer = made.status === 201 ? await ask(daemon.socket, 'POST', `/containers/${(JSON.parse(made.text) as { Id: string }).Id}/start`) : made;
        assert.ok(answer.status >= 400 && answer.message !== undefined, `${body}: ${answer.status} ${answer.text}`);
        assert.ok(answer.status < 500, `${body}: ${answer.status} ${answer.text}`);
        clear();
      }
    });
  });

  describe('clients that vanish or don\'t read', () => {
    test('in the middle of an import, a load, an attach, an exec, logs and events', async () => {
      const head = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const piece = readFileSync(busyboxTar()).subarray(0, 200_000);
      const begun = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
      for (const path of ['/images/create?fromSrc=-&repo=vanished', '/images/load']) {
        await exchangeRaw(daemon.socket, Buffer.concat([Buffer.from(head(path)), begun]), 150);
      }
      await eventually('no such image', () => daemon.ok('images', '-q', 'vanished'), (ids) => ids === '');
      daemon.ok('run', '-d', '--name', 'talks', 'busybox', 'sh', '-c', 'while :; do echo line; sleep 0.01; done');
      for (const [path, body] of [['/containers/talks/attach?stream=1&stdout=1&stderr=1&stdin=1', ''], ['/containers/talks/logs?follow=1&stdout=1', ''], ['/events', ''], ['/containers/talks/stats', ''], ['/containers/talks/wait', '']] as const) {
        const method = /logs|events|stats/.test(path) ? 'GET' : 'POST';
        const upgrade = path.includes('attach') ? 'Connection: Upgrade\r\nUpgrade: tcp\r\n' : '';
        await exchangeRaw(daemon.socket, `${method} ${path} HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n${body}`, 60);
      }
      const made = await ask(daemon.socket, 'POST', '/containers/talks/exec', { body: '{"Cmd":["sleep","1"],"AttachStdout":true}' });
      const { Id } = JSON.parse(made.text) as { Id: string };
      await exchangeRaw(daemon.socket, `POST /exec/${Id}/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}`, 60);
      assert.equal(daemon.ok('exec', 'talks', 'echo', 'still'), 'still');
      const open = (): number => readdirSync(`/proc/${pid}/fd`).length;
      for (let running = true; running;) {
        ({ Running: running } = JSON.parse((await ask(daemon.socket, 'GET', `/exec/${Id}/json`)).text) as { Running: boolean });
        await sleep(50);
      }
      const now = open();
      for (let round = 0; round < 5; round += 1) await exchangeRaw(daemon.socket, 'GET /containers/talks/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n', 40);
      await eventually('descriptors', open, (count) => count <= now + 1);
    });

    test('an attached client that reads nothing, of a container that says much', async () => {
      daemon.ok('create', '--name', 'shouts', '--log-driver', 'none', 'busybox', 'yes', 'a long line that is said again and again, and that nobody reads');
      const before = residentBytes(pid);
      const socket = connect(daemon.socket);
      socket.write('POST /containers/shouts/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      await new Promise((resolve) => socket.once('data', resolve));
      socket.pause();
      const events = connect(daemon.socket, () => void events.write('GET /containers/shouts/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n'));
      events.pause();
      try {
        daemon.ok('start', 'shouts');
        await sleep(1500);
        const more = residentBytes(pid) - before;
        assert.ok(more < 64 * MIB, `${Math.round(more / MIB)} MiB more`);
        assert.equal(daemon.ok('inspect', '-f', '{{.State.Running}}', 'shouts'), 'true');
        assert.equal(impatient(8, 'rm', '-f', 'shouts').code, 0);
      } finally {
        socket.destroy();
        events.destroy();
      }
    });
  });
});
