import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from './address.ts';
import { ApiClient, queryString } from './api-client.ts';
import { ConnectionError } from './connect.ts';
import { Demultiplexer } from './demultiplex.ts';
import { DetachFilter, parseDetachKeys } from './detach-keys.ts';
import { interact } from './interactive.ts';
import { readJsonLines } from './json-lines.ts';

test('addresses are unix sockets or tcp', () => {
  assert.deepEqual(parseAddress('unix:///run/x.sock'), { kind: 'unix', path: '/run/x.sock', text: 'unix:///run/x.sock' });
  assert.deepEqual(parseAddress('tcp://box:99/base/'), { kind: 'tcp', host: 'box', port: 99, basePath: '/base', text: 'tcp://box:99' });
  assert.deepEqual(parseAddress('tcp://[::1]'), { kind: 'tcp', host: '::1', port: 2375, basePath: '', text: 'tcp://[::1]:2375' });
  assert.equal(parseAddress(':1234').text, 'tcp://localhost:1234');
  assert.equal(parseAddress('tcp://box', true).text, 'tcp://box:2376');
  for (const bad of ['ssh://x', 'fd://', 'tcp://a:b:c', 'tcp://a:99999']) assert.throws(() => parseAddress(bad), { kind: 'invalid' });
});

test('queries leave out what is off, repeat lists and escape', () => {
  assert.equal(queryString({ b: true, a: 'x y', c: false, d: undefined, e: ['1', '&'], f: 0 }), '?a=x%20y&b=1&e=1&e=%26&f=0');
  assert.equal(queryString({}), '');
});

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

test('a multiplexed stream comes apart however it is cut', async () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ maxLength: 20 })), { maxLength: 8 });
  await fc.assert(fc.asyncProperty(frames, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (parts, cuts) => {
    const bytes = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)));
    const got = { out: Buffer.alloc(0), err: Buffer.alloc(0) };
    const demultiplexer = new Demultiplexer({
      stdout: async (part) => { got.out = Buffer.concat([got.out, part]); },
      stderr: async (part) => { got.err = Buffer.concat([got.err, part]); },
    });
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = cuts[turn % cuts.length] ?? 1;
      await demultiplexer.push(bytes.subarray(at, at + size));
      at += size;
    }
    demultiplexer.end();
    const sent = (stream: number): string => parts.filter(([one]) => one === stream).map(([, part]) => part).join('');
    assert.deepEqual([got.out.toString(), got.err.toString()], [sent(1), sent(2)]);
  }));
});

test('the daemon\'s own failure in a stream, a bad head and a cut frame are errors', async () => {
  await assert.rejects(new Demultiplexer({}).push(frame(3, 'disk full')), { message: 'error from daemon in stream: disk full' });
  await assert.rejects(new Demultiplexer({}).push(frame(9, 'x')), { kind: 'internal' });
  const cut = new Demultiplexer({});
  await cut.push(frame(1, 'abc').subarray(0, 9));
  assert.throws(() => cut.end(), { kind: 'unavailable' });
});

test('detach keys are found whole, and their beginnings are sent on when another key follows', () => {
  assert.deepEqual([...parseDetachKeys('ctrl-p,ctrl-q')], [16, 17]);
  assert.deepEqual([...parseDetachKeys('a,ctrl-@,ctrl-[,ctrl-_')], [97, 0, 27, 31]);
  assert.throws(() => parseDetachKeys('ctrl-1'), { kind: 'invalid' });
  const filter = new DetachFilter(Uint8Array.of(16, 17));
  const type = (...bytes: readonly number[]) => {
    const { send, detached } = filter.push(Uint8Array.from(bytes));
    return [[...send], detached];
  };
  assert.deepEqual(type(1, 16), [[1], false]);
  assert.deepEqual(type(2), [[16, 2], false]);
  assert.deepEqual(type(16, 16), [[16], false]);
  assert.deepEqual(type(17, 5), [[], true]);
});

test('JSON lines may be cut anywhere, and keep large integers', async () => {
  const bytes = Buffer.from('{"a":"é"}\r\n\n{"timeNano":1700000000000000005}');
  const parts = (async function* () {
    for (const byte of bytes) yield Uint8Array.of(byte);
  })();
  assert.deepEqual(await Array.fromAsync(readJsonLines(parts)), [{ a: 'é' }, { timeNano: 1_700_000_000_000_000_005n }]);
});

describe('the client', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-http-'));
  const path = join(directory, 'd.sock');
  let server: Server;
  const open = new Set<Socket>();
  /** What the next connection is answered: bytes, or a dialogue. */
  let answer: (socket: Socket, request: string) => void;
  const client = new ApiClient({ address: { kind: 'unix', path, text: `unix://${path}` }, userAgent: 'test' });

  before(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      let request = '';
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        request += String(bytes);
        if (request.includes('\r\n\r\n')) answer(socket, request);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });
  after(() => {
    for (const socket of open) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  });

  const reply = (bytes: string): void => {
    answer = (socket) => {
      // A byte at a time, so that every cut is tried.
      for (const byte of Buffer.from(bytes)) socket.write(Uint8Array.of(byte));
      socket.end();
    };
  };

  test('reads bodies of a length, in chunks and to the end, after interim answers', async () => {
    reply('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    assert.equal(await client.text('GET', '/x'), 'hello');
    reply('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n');
    assert.equal(await client.text('GET', '/x'), 'abcde');
    reply('HTTP/1.0 200 OK\r\n\r\nto the end');
    assert.equal(await client.text('GET', '/x'), 'to the end');
    reply('HTTP/1.1 204 No Content\r\n\r\n');
    assert.equal(await client.json('POST', '/x'), undefined);
  });

  test('gives the daemon\'s reason for a refusal', async () => {
    reply('HTTP/1.1 404 Not Found\r\nContent-Length: 28\r\n\r\n{"message":"no such thing"}\n');
    await assert.rejects(client.text('GET', '/x'), { kind: 'not-found', status: 404, message: 'Error response from daemon: no such thing' });
    reply('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\noops\n');
    await assert.rejects(client.text('GET', '/x'), { kind: 'internal', message: 'Error response from daemon: oops' });
  });

  test('says when an answer is cut short, empty or no HTTP', async () => {
    for (const text of ['', 'SSH-2.0\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc']) {
      reply(text);
      await assert.rejects(client.text('GET', '/x'), { kind: 'unavailable' }, JSON.stringify(text));
    }
  });

  test('hears a refusal though it is still sending', async () => {
    answer = (socket) => socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 21\r\n\r\n{"message":"too big"}');
    const endless = (async function* () {
      for (;;) yield new Uint8Array(65_536);
    })();
    await assert.rejects(client.text('POST', '/x', { stream: endless }), { status: 413, message: 'Error response from daemon: too big' });
  });

  test('a source that fails is what the upload fails with', async () => {
    answer = () => undefined;
    const failing = (async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3);
      throw new TypeError('unreadable');
    })();
    await assert.rejects(client.text('POST', '/x', { stream: failing }), { message: 'unreadable' });
  });

  test('agrees on the older version, unless one is given', async () => {
    reply('HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\n\r\n');
    const options = { address: client.address, userAgent: 'test' };
    const negotiated = new ApiClient(options);
    await negotiated.negotiate();
    assert.equal(negotiated.version, '1.47');
    reply('HTTP/1.1 200 OK\r\nApi-Version: 9.99\r\n\r\n');
    const newer = new ApiClient(options);
    await newer.negotiate();
    assert.equal(newer.version, '1.51');
    const fixed = new ApiClient({ ...options, fixedVersion: '1.44' });
    await fixed.negotiate();
    assert.equal(fixed.version, '1.44');
  });

  test('a hijacked stream closes each direction alone', async () => {
    answer = (socket, request) => {
      if (!request.includes('Upgrade: tcp')) assert.fail('no upgrade was asked for');
      socket.removeAllListeners('data');
      socket.write('HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nbefore ');
      let input = '';
      socket.on('data', (bytes) => { input += String(bytes); });
      // The output begins only after the input has ended.
      socket.on('end', () => socket.end(`got ${input}`));
      answer = () => undefined;
    };
    const stdout = new PassThrough();
    const how = await interact(await client.hijack('/x'), { tty: true, stdin: Readable.from([Buffer.from('typed')]), stdout, detachKeys: '' });
    stdout.end();
    assert.deepEqual([how, await text(stdout)], ['ended', 'before got typed']);
  });

  test('typing the detach keys ends it', async () => {
    answer = (socket) => {
      socket.removeAllListeners('data');
      socket.write('HTTP/1.1 101 UPGRADED\r\n\r\n');
    };
    const stdin = new PassThrough();
    const ended = interact(await client.hijack('/x'), { tty: true, stdin, stdout: new PassThrough(), detachKeys: 'ctrl-a,b' });
    stdin.write(Buffer.from('hello\x01b'));
    assert.equal(await ended, 'detached');
  });

  test('nobody at the socket is a connection error that says what to do', async () => {
    const lost = new ApiClient({ address: parseAddress('unix:///nonexistent/d.sock'), userAgent: 'test' });
    await assert.rejects(lost.negotiate(), (error) => error instanceof ConnectionError && error.message === 'Cannot connect to the Gantry daemon at unix:///nonexistent/d.sock: start it with `gantry daemon`');
  });
});
