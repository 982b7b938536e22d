import assert from 'node:assert/strict';
import { createServer, request as send, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { listenApi } from './api-listener.ts';
import { forwardConnection, forwardRequest } from './proxy-client.ts';
import { proxyPath, type ProxyTarget } from '../proxy/proxy-target.ts';

const PREFIX = '/api/v1/namespaces/a/pods/p/proxy';

/** An API that leads whatever it is asked for to this server. */
async function proxied(context: TestContext, listener: RequestListener, upgrade?: (request: IncomingMessage, socket: NodeJS.WritableStream) => void): Promise<number> {
  const behind = createServer(listener);
  if (upgrade !== undefined) behind.on('upgrade', upgrade);
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  const target: ProxyTarget = { isTls: false, host: '127.0.0.1', port: (behind.address() as AddressInfo).port };
  const api = await listenApi({
    host: '127.0.0.1', port: 0, authenticate: async () => ({ name: 'tester', groups: [] }), handle: (request) => forwardRequest(target, proxyPath(request.path), request),
    upgrade: (request, incoming, socket, head) => forwardConnection(target, proxyPath(request.path), request, incoming, socket, head),
  });
  context.after(async () => {
    await api.close();
    behind.closeAllConnections();
    behind.close();
  });
  return api.port;
}

async function ask(port: number, method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<{ readonly answer: IncomingMessage; readonly body: string }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => void send({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve).once('error', reject).end(body));
  return { answer, body: await text(answer) };
}

test('a request and its answer are passed on, who asks is not', async (context) => {
  const port = await proxied(context, async (request, response) => {
    const { authorization, 'impersonate-user': as, 'x-mine': mine, host } = request.headers;
    response.writeHead(418, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] }).end(JSON.stringify([request.method, request.url, authorization ?? null, as ?? null, mine, host !== undefined && !host.includes(`:${port}`), await text(request)]));
  });
  const { answer, body } = await ask(port, 'PUT', `${PREFIX}/x%2Fy/?q=1&q=2`, { authorization: 'Bearer secret', 'impersonate-user': 'ann', 'x-mine': 'kept', 'content-length': '4' }, 'text');
  assert.equal(answer.statusCode, 418);
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  assert.deepEqual(JSON.parse(body), ['PUT', '/x%2Fy/?q=1&q=2', null, null, 'kept', true, 'text']);
});

test('links, redirects and the bare path lead through the proxy again', async (context) => {
  const port = await proxied(context, (request, response) => request.url === '/moved' ? response.writeHead(302, { location: '/there' }).end() : response.writeHead(200, { 'content-type': 'text/html' }).end('<a href="/é">x</a>'));
  assert.equal((await ask(port, 'GET', `${PREFIX}/`)).body, `<a href="${PREFIX}/é">x</a>`);
  assert.equal((await ask(port, 'GET', `${PREFIX}/moved`)).answer.headers.location, `${PREFIX}/there`);
  const bare = await ask(port, 'GET', `${PREFIX}?q=1`);
  assert.deepEqual([bare.answer.statusCode, bare.answer.headers.location], [301, `${PREFIX}/?q=1`]);
  assert.equal((await ask(port, 'POST', PREFIX)).answer.statusCode, 200);
});

test('an answer to HEAD says its length and has no body', async (context) => {
  const port = await proxied(context, (_request, response) => response.writeHead(200, { 'content-type': 'text/html', 'content-length': '3' }).end());
  const { answer, body } = await ask(port, 'HEAD', `${PREFIX}/`);
  assert.deepEqual([answer.statusCode, answer.headers['content-length'], body], [200, '3', '']);
});

test('where nobody listens is told as upstream does', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const gone = (closed.address() as AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  await assert.rejects(forwardRequest({ isTls: false, host: '127.0.0.1', port: gone }, { prefix: PREFIX, rest: '/' }, { method: 'GET', path: '/', query: new Map(), accept: '', contentType: '', user: { name: '', groups: [] }, body: async () => new Uint8Array() }), /error trying to reach service: dial tcp 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

test('a connection that becomes another protocol goes through both ways', async (context) => {
  const port = await proxied(context, () => {}, (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    (socket as NodeJS.WritableStream & NodeJS.ReadableStream).pipe(socket);
    assert.deepEqual([request.url, request.headers['authorization']], ['/ws', undefined]);
  });
  const socket = await new Promise<Socket>((resolve, reject) => void send({ host: '127.0.0.1', port, path: `${PREFIX}/ws`, headers: { connection: 'Upgrade', upgrade: 'echo', authorization: 'Bearer secret' } }).once('upgrade', (_answer, each) => resolve(each as Socket)).once('error', reject).end());
  const heard = new Promise<string>((resolve) => socket.once('data', (bytes: Buffer) => resolve(bytes.toString())));
  socket.write('hello');
  assert.equal(await heard, 'hello');
  socket.destroy();
});
