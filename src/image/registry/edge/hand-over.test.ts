import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Connection } from '#base/connection.ts';
import { GantryError } from '#base/error.ts';
import { proxyEnvironment } from '../proxy-choice.ts';
import { ANYWHERE } from '../reach.ts';
import { readText } from '../read-text.ts';
import type { SendChunks } from '../transport.ts';
import { HttpTransport } from './http-transport.ts';

const transport = new HttpTransport({ certificates: '/nonexistent', userAgent: 'test', proxies: proxyEnvironment({}), env: {} });

async function registry(t: TestContext, answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/upload`;
}

async function* unread(): AsyncGenerator<Uint8Array> {
  yield assert.fail('the stream was read as well');
}

const patch = (url: string, sendChunks: SendChunks) => transport.send({
  method: 'PATCH', url, headers: { 'Transfer-Encoding': 'chunked' }, body: unread(), sendChunks, certificatesOf: '', verifiesCertificate: true, reach: ANYWHERE,
});

function chunk({ descriptor }: Connection, text: string): void {
  writeSync(descriptor!, `${text.length.toString(16)}\r\n${text}\r\n`);
}

test('a body is written to the connection by others, and ended when they are done', async (t) => {
  const url = await registry(t, (req, res) => void req.setEncoding('utf8').toArray().then((parts: string[]) => res.writeHead(202, { Location: '/next' }).end(`${req.method} ${parts.join('')}`)));
  let given: Connection | undefined;
  const exchange = await patch(url, async (connection) => {
    given = connection;
    for (const text of ['one ', 'two ', 'three']) {
      chunk(connection, text);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
  });
  assert.ok(exchange.kind === 'response');
  assert.deepEqual([exchange.response.status, exchange.response.header('location'), await readText(exchange.response, 100)], [202, '/next', 'PATCH one two three']);
  assert.notEqual(given, undefined);
});

test('an answer before the end says that no more is wanted', async (t) => {
  const url = await registry(t, (_, res) => res.writeHead(413).end('too much'));
  const exchange = await patch(url, async (connection, signal) => {
    chunk(connection, 'a');
    if (!signal.aborted) await once(signal, 'abort');
    throw new GantryError('internal', 'ended with SIGKILL');
  });
  assert.ok(exchange.kind === 'response');
  assert.equal(exchange.response.status, 413);
});

test('a body that fails is never ended: its own error is thrown, and the registry sees a connection that broke off', async (t) => {
  const seen = Promise.withResolvers<unknown>();
  const url = await registry(t, (req) => req.on('error', seen.resolve).resume());
  await assert.rejects(patch(url, async (connection) => {
    chunk(connection, 'a');
    throw new GantryError('internal', 'the layer was changed on disk');
  }), /the layer was changed on disk/);
  assert.match(String(await seen.promise), /aborted/);
});

test('a connection that broke off while others wrote to it is a failure of the connection', async (t) => {
  const url = await registry(t, () => undefined);
  const exchange = await patch(url, async () => { throw new GantryError('unavailable', 'the connection broke off: EPIPE'); });
  assert.deepEqual([exchange.kind, exchange.kind === 'failure' && exchange.failure], ['failure', 'broken']);
  const closed = await patch(await registry(t, (req) => req.socket.destroy()), async ({ descriptor }, signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    assert.equal(typeof descriptor, 'number');
    throw new GantryError('internal', 'ended with SIGKILL');
  });
  assert.deepEqual([closed.kind, closed.kind === 'failure' && closed.failure], ['failure', 'broken']);
});
