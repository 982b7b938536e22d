import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FakeEngine } from '../fake-engine.ts';
import type { FakeIo } from '../fake-io.ts';
import { createDockerServer, type DockerServer } from './server.ts';
import { findDockerCli } from '../../../tools/test-run/docker-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-hijack-'));
const socketPath = join(directory, 'docker.sock');
const engine = new FakeEngine();
const server: DockerServer = createDockerServer({ engine, clock: { nowNs: () => 0n, monotonicMs: () => 0 }, version: '1', log: () => {} });

/** A client's end of a connection that becomes a stream. */
class Client {
  readonly socket: Socket;
  received = '';
  ended = false;

  constructor(path: string, options: { body?: string; upgrade?: boolean; more?: string } = {}) {
    this.socket = connect({ path: socketPath, allowHalfOpen: true });
    this.socket.on('data', (piece: Buffer) => (this.received += piece.toString('latin1')));
    this.socket.on('end', () => (this.ended = true));
    this.socket.on('error', () => {});
    const upgrade = options.upgrade === false ? '' : 'Connection: Upgrade\r\nUpgrade: tcp\r\n';
    const body = options.body ?? '';
    this.socket.write(`POST ${path} HTTP/1.1\r\nHost: d\r\n${upgrade}${body === '' ? '' : 'Content-Type: application/json\r\n'}Content-Length: ${body.length}\r\n\r\n${body}${options.more ?? ''}`);
  }

  get head(): string {
    return this.received.split('\r\n\r\n', 1)[0] ?? '';
  }

  get stream(): string {
    return this.received.slice(this.head.length + 4);
  }

  close(): void {
    this.socket.destroy();
  }
}

const until = async (condition: () => boolean, what = 'condition'): Promise<void> => {
  for (let tries = 0; tries < 400 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), what);
};

const frame = (stream: number, text: string): string => `${String.fromCharCode(stream, 0, 0, 0, 0, 0, text.length >> 8, text.length & 255)}${text}`;

async function api(method: string, path: string, body?: object): Promise<{ Id: string }> {
  return await new Promise((resolve, reject) => {
    const text = JSON.stringify(body ?? {});
    const req = request({ socketPath, method, path, agent: false, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } }, (res) => {
      let answer = '';
      res.on('data', (piece) => (answer += String(piece)));
      res.on('end', () => resolve(answer === '' ? { Id: '' } : (JSON.parse(answer) as { Id: string })));
    });
    req.on('error', reject);
    req.end(text);
  });
}

async function running(config: object = {}): Promise<{ id: string; io: FakeIo }> {
  const { Id } = await api('POST', '/containers/create', { Image: 'bb:1', ...config });
  await api('POST', `/containers/${Id}/start`);
  return { id: Id, io: engine.ios.get(Id) as FakeIo };
}

before(() => server.listenUnix(socketPath, { mode: 0o600, gid: process.getgid?.() ?? 0 }));
after(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const ALL = 'stream=1&stdin=1&stdout=1&stderr=1';

describe('attach', () => {
  test('before the start: the client waits for the upgrade, then for the container', async () => {
    const { Id } = await api('POST', '/containers/create', { Image: 'bb:1', OpenStdin: true, StdinOnce: true });
    const client = new Client(`/v1.51/containers/${Id}/attach?${ALL}`);
    await until(() => client.received.endsWith('\r\n\r\n'));
    assert.match(client.head, /^HTTP\/1.1 101 UPGRADED\r\nContent-Type: application\/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n/);
    client.socket.write('early');
    await api('POST', `/containers/${Id}/start`);
    const io = engine.ios.get(Id) as FakeIo;
    await until(() => io.inputText === 'early');
    io.print('out');
    io.print('err', 2);
    await until(() => client.stream === frame(1, 'out') + frame(2, 'err'), 'frames');
    client.socket.end('late');
    await until(() => io.inputEnded);
    assert.equal(io.inputText, 'earlylate');
    io.print('still heard');
    await until(() => client.stream.endsWith('still heard'));
    engine.exit(Id, 0);
    await until(() => client.ended);
  });

  test('a terminal has no frames, and its own type', async () => {
    const { id, io } = await running({ Tty: true, OpenStdin: true });
    const client = new Client(`/containers/${id}/attach?${ALL}`);
    io.print('raw');
    await until(() => client.stream === 'raw');
    assert.match(client.head, /Content-Type: application\/vnd.docker.raw-stream/);
    client.close();
    await until(() => io.closed);
  });

  test('clients before 1.42 are told raw-stream, and get frames all the same', async () => {
    const { id, io } = await running();
    const client = new Client(`/v1.41/containers/${id}/attach?${ALL}`);
    io.print('x');
    await until(() => client.stream === frame(1, 'x'));
    assert.match(client.head, /raw-stream/);
    client.close();
  });

  test('without an upgrade: a 200 that is never framed by HTTP, and both ways all the same', async () => {
    const { id, io } = await running({ OpenStdin: true });
    const client = new Client(`/containers/${id}/attach?${ALL}`, { upgrade: false });
    await until(() => client.received.endsWith('\r\n\r\n'));
    assert.match(client.head, /^HTTP\/1.1 200 OK\r\nContent-Type: application\/vnd.docker.raw-stream/);
    assert.doesNotMatch(client.head, /chunked|Content-Length/i);
    client.socket.write('in');
    await until(() => io.inputText === 'in');
    client.socket.end();
    await until(() => io.inputEnded);
    io.print('out');
    await until(() => client.stream === frame(1, 'out'));
    engine.exit(id, 0);
    await until(() => client.ended);
  });

  test('a WebSocket carries both outputs and the input', async () => {
    const { id, io } = await running({ OpenStdin: true });
    const socket = connect({ path: socketPath });
    let received = '';
    socket.on('data', (piece: Buffer) => (received += piece.toString('latin1')));
    const ask = (origin: string): void => void socket.write(`GET /v1.51/containers/${id}/attach/ws?${ALL} HTTP/1.1\r\nHost: d\r\n${origin}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    ask('Origin: http://d\r\n');
    // The answer to the key of RFC 6455, section 1.3.
    await until(() => received.includes('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n') && received.endsWith('\r\n\r\n'));
    const head = received.length;
    io.print('out');
    await until(() => received.slice(head) === '\x82\x03out');
    socket.write(Buffer.from([0x82, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    await until(() => io.inputText === 'hi');
    socket.write(Buffer.from([0x89, 0x81, 0, 0, 0, 0, 0x70]));
    await until(() => received.slice(head).endsWith('\x8a\x01p'));
    socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
    await until(() => io.inputEnded);
    socket.destroy();
    await until(() => io.closed);
  });

  test('a page of another site gets no WebSocket, and a request without its headers is refused', async () => {
    const { id } = await running();
    const answer = async (headers: string): Promise<string> => {
      const socket = connect({ path: socketPath });
      let received = '';
      socket.on('data', (piece: Buffer) => (received += piece.toString('latin1')));
      socket.write(`GET /containers/${id}/attach/ws?stream=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`);
      await until(() => received.includes('\r\n\r\n'));
      socket.destroy();
      return received.slice(9, 12);
    };
    const proper = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    assert.equal(await answer(`Origin: http://evil.example\r\n${proper}`), '403');
    assert.equal(await answer(''), '400');
  });

  test('detach keys end the connection and leave the container', async () => {
    const { id, io } = await running({ Tty: true, OpenStdin: true });
    const client = new Client(`/containers/${id}/attach?${ALL}&detachKeys=ctrl-a,d`);
    await until(() => client.received.endsWith('\r\n\r\n'));
    client.socket.write('x\x01');
    client.socket.write('d');
    await until(() => client.ended && io.closed);
    assert.equal(io.inputText, 'x');
    assert.equal(engine.containers.find(id).state.phase, 'running');
  });

  test('keys mean nothing without a terminal', async () => {
    const { id, io } = await running({ OpenStdin: true });
    const client = new Client(`/containers/${id}/attach?${ALL}`);
    client.socket.write('\x10\x11');
    await until(() => io.inputText === '\x10\x11');
    client.close();
  });

  test('one stream only, and no input for a container that takes none', async () => {
    const { id, io } = await running();
    const client = new Client(`/containers/${id}/attach?${ALL.replace('stdout=1', 'stdout=0')}`);
    client.socket.end('nobody reads this');
    io.print('out');
    io.print('err', 2);
    await until(() => client.stream === frame(2, 'err'));
    assert.equal(io.inputText, '');
    assert.equal(io.inputEnded, false);
    client.close();
  });

  test('logs first, then the stream', async () => {
    const { id, io } = await running();
    engine.logRecords.push({ timeNs: 1n, stream: 1, bytes: Buffer.from('old\n') });
    const client = new Client(`/containers/${id}/attach?${ALL}&logs=1`);
    await until(() => client.stream === frame(1, 'old\n'));
    io.print('new');
    await until(() => client.stream === frame(1, 'old\n') + frame(1, 'new'));
    client.close();
    const only = new Client(`/containers/${id}/attach?logs=1&stdout=1`);
    await until(() => only.ended);
    assert.equal(only.stream, frame(1, 'old\n'));
    engine.logRecords.length = 0;
  });

  test('a reader that is slow holds the container up, not the memory', async () => {
    const { id, io } = await running();
    const client = new Client(`/containers/${id}/attach?${ALL}`);
    await until(() => client.received.endsWith('\r\n\r\n'));
    client.socket.pause();
    const piece = new Uint8Array(64 * 1024).fill(97);
    for (let sent = 0; sent < 64; sent++) io.printBytes(piece);
    await until(() => io.paused);
    const before = client.received.length;
    client.socket.resume();
    await until(() => client.received.length - before >= 64 * (piece.length + 8) - 1);
    assert.equal(io.paused, false);
    client.close();
  });

  test('what is wrong is told as an error of HTTP', async () => {
    for (const [path, message] of [['/containers/nope/attach?stream=1', 'No such container: nope'], [`/containers/nope/attach?detachKeys=ctrl-xx`, 'Invalid detach keys (ctrl-xx) provided']] as const) {
      const client = new Client(path);
      await until(() => client.ended);
      assert.match(client.head, /^HTTP\/1.1 4\d\d /);
      assert.ok(client.stream.includes(message), client.stream);
    }
  });

  test('a client that is gone is told from one that has only said all', async () => {
    const { id, io } = await running({ OpenStdin: true });
    const quiet = new Client(`/containers/${id}/attach?${ALL}`);
    await until(() => quiet.received.endsWith('\r\n\r\n'));
    quiet.socket.end();
    await until(() => io.inputEnded);
    assert.equal(io.closed, false);
    quiet.close();
    await until(() => io.closed, 'noticed without output');
  });

  test('a client that goes before the start leaves nothing behind', async () => {
    const { Id } = await api('POST', '/containers/create', { Image: 'bb:1', OpenStdin: true });
    const client = new Client(`/containers/${Id}/attach?${ALL}`);
    await until(() => client.received.endsWith('\r\n\r\n'));
    assert.equal(engine.waiting(Id), 1);
    client.close();
    await until(() => engine.waiting(Id) === 0);
  });
});

describe('exec', () => {
  const create = async (id: string, body: object): Promise<string> => (await api('POST', `/containers/${id}/exec`, { AttachStdin: true, AttachStdout: true, AttachStderr: true, Cmd: ['cat'], ...body })).Id;

  test('its body does not run into its input', async () => {
    const { id } = await running();
    const exec = await create(id, {});
    const client = new Client(`/v1.51/exec/${exec}/start`, { body: '{"Detach":false,"Tty":false}' });
    await until(() => client.received.endsWith('\r\n\r\n'));
    assert.match(client.head, /^HTTP\/1.1 101 UPGRADED/);
    const io = engine.execIos.get(exec) as FakeIo;
    client.socket.end('typed');
    await until(() => io.inputEnded);
    assert.equal(io.inputText, 'typed');
    io.print('answer');
    await until(() => client.stream === frame(1, 'answer'));
    engine.exitExec(exec, 5);
    await until(() => client.ended);
    assert.equal((await api('GET', `/exec/${exec}/json`) as unknown as { ExitCode: number }).ExitCode, 5);
  });

  test('input that comes with the request is not lost', async () => {
    const { id } = await running();
    const exec = await create(id, {});
    const client = new Client(`/exec/${exec}/start`, { body: '{}', more: 'at once' });
    await until(() => engine.execIos.get(exec)?.inputText === 'at once');
    client.close();
  });

  test('without an upgrade', async () => {
    const { id } = await running();
    const exec = await create(id, {});
    const client = new Client(`/exec/${exec}/start`, { body: '{}', upgrade: false });
    await until(() => client.received.endsWith('\r\n\r\n'));
    assert.match(client.head, /^HTTP\/1.1 200 OK/);
    engine.execIos.get(exec)?.print('x');
    client.socket.write('y');
    await until(() => client.stream === frame(1, 'x') && engine.execIos.get(exec)?.inputText === 'y');
    client.close();
  });

  test('a terminal gets its size', async () => {
    const { id } = await running();
    const exec = await create(id, { Tty: true, ConsoleSize: [5, 6] });
    const client = new Client(`/exec/${exec}/start`, { body: '{"Tty":true,"ConsoleSize":[7,8]}' });
    await until(() => engine.resizes.some(([target, rows, columns]) => target === exec && rows === 7 && columns === 8));
    client.close();
  });

  test('what can not be started is told in the stream', async () => {
    const { id } = await running();
    const exec = await create(id, { Cmd: ['missing'] });
    const client = new Client(`/exec/${exec}/start`, { body: '{}' });
    await until(() => client.ended);
    assert.match(client.stream, /executable file not found in \$PATH\r\n$/);
  });

  test('detached', async () => {
    const { id } = await running();
    const exec = await create(id, {});
    const client = new Client(`/exec/${exec}/start`, { body: '{"Detach":true}', upgrade: false });
    await until(() => /^HTTP\/1.1 200 OK/.test(client.head));
    assert.equal(engine.execs.find(exec).state.phase, 'running');
    client.close();
  });

  test('an exec that is not there', async () => {
    const client = new Client('/exec/nope/start', { body: '{}' });
    await until(() => client.ended);
    assert.match(client.head, /^HTTP\/1.1 404 /);
    assert.match(client.stream, /No such exec instance: nope/);
  });
});

const DOCKER = findDockerCli() ?? '';

describe('with the docker command line', { skip: DOCKER === '' ? 'needs the docker CLI' : false }, () => {
  const docker = (args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const child = execFile(DOCKER, args, { env: { DOCKER_HOST: `unix://${socketPath}`, HOME: directory }, timeout: 10_000 }, (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? 255), out, err }));
      child.stdin?.end(input);
    });

  test('run -i --rm passes input, output and exit code', async () => {
    engine.onStart = (container, io) => {
      io.onInputEnd = () => {
        io.print(io.inputText.toUpperCase());
        io.print('warned\n', 2);
        engine.exit(container.spec.id, 3);
      };
    };
    const { code, out, err } = await docker(['run', '-i', '--rm', '--name', 'cli', 'bb:1', 'tr'], 'some input\n');
    assert.deepEqual({ code, out, err }, { code: 3, out: 'SOME INPUT\n', err: 'warned\n' });
    engine.onStart = () => {};
  });

  test('ps, inspect, images and info are understood', async () => {
    const { id } = await running({ Labels: { shown: 'yes' } });
    assert.equal((await docker(['ps', '-q', '--no-trunc', '--filter', 'label=shown=yes'])).out, `${id}\n`);
    assert.equal((await docker(['inspect', '--format', '{{.State.Status}} {{.HostConfig.NetworkMode}}', id])).out, 'running bridge\n');
    assert.match((await docker(['images'])).out, /bb\s+1/);
    for (const args of [['info'], ['version'], ['system', 'df'], ['network', 'inspect', 'bridge'], ['volume', 'ls'], ['history', 'bb:1']]) assert.equal((await docker(args)).code, 0, args.join(' '));
  });
});
