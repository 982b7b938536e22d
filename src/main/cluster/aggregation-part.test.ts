import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as send, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { AggregatedTarget } from '#cluster/api/aggregation/aggregated-target.ts';
import { AggregatedClient } from '#cluster/api/edge/aggregated-client.ts';
import { listenApi } from '#cluster/api/edge/api-listener.ts';
import { openPki, type ClusterPki } from './pki.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-aggregated-'));
const closers: (() => void | Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
  rmSync(directory, { recursive: true });
});

const pki = async (name: string): Promise<ClusterPki> => await openPki(join(directory, name), ['api.wardle.svc'], ['127.0.0.1']);

/** A server that believes the front proxy, and an API that leads whatever it is asked for to it. */
async function world(listener: RequestListener, more: (server: Server) => void = () => {}, change: (target: AggregatedTarget) => AggregatedTarget = (target) => target): Promise<{ readonly port: number; readonly client: AggregatedClient; readonly target: AggregatedTarget }> {
  const [cluster, own] = [await pki('cluster'), await pki('server')];
  const server = createServer({ key: own.server.key, cert: own.server.cert, ca: cluster.frontProxy.ca, requestCert: true, rejectUnauthorized: true }, listener);
  more(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const target = change({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, serverName: 'api.wardle.svc', isInsecure: false, authority: own.ca });
  const client = new AggregatedClient(cluster.frontProxy.client);
  const api = await listenApi({
    host: '127.0.0.1', port: 0, authenticate: async () => ({ name: 'ann', groups: ['dev', 'ops'], extra: new Map([['Role', ['a']]]) }),
    handle: (request) => client.forward(target, request), upgrade: (request, incoming, socket, head) => client.connect(target, request, incoming, socket, head),
  });
  closers.push(() => api.close(), () => client.close(), () => {
    server.closeAllConnections();
    server.close();
  });
  return { port: api.port, client, target };
}

async function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<{ readonly code: number; readonly body: string; readonly answer: IncomingMessage }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => void send({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve).once('error', reject).end(body));
  return { code: answer.statusCode ?? 0, body: await text(answer), answer };
}

/** What a server is told of who asks. */
const whoAsks = (request: IncomingMessage): unknown => [(request.socket as TLSSocket).getPeerCertificate().subject['CN'], ...Object.entries(request.headersDistinct).filter(([name]) => /^x[-_]remote|^authorization$|^impersonate/.test(name)).sort()];

test('S-914: a server hears from the front proxy who asks, and nothing that the client says of it', async () => {
  const { port } = await world(async (request, response) => response.end(JSON.stringify([request.method, request.url, await text(request), whoAsks(request)])));
  const spoofed = { 'x-remote-user': 'root', 'X-Remote-Group': 'system:masters', 'x_remote_group': 'system:masters', 'x-remote-extra-role': 'b', 'x-remote-uid': '1', authorization: 'Bearer secret', 'impersonate-user': 'x', connection: 'x-remote-user, x-remote-group' };
  const told = ['front-proxy-client', ['x-remote-extra-role', ['a']], ['x-remote-group', ['dev', 'ops']], ['x-remote-user', ['ann']]];
  assert.deepEqual(JSON.parse((await ask(port, '/apis/w/v1/x?watch=0', spoofed)).body), ['GET', '/apis/w/v1/x?watch=0', '', told]);
  assert.deepEqual(JSON.parse((await ask(port, '/apis/w/v1/x', { ...spoofed, 'content-length': '2' }, 'POST', '{}')).body), ['POST', '/apis/w/v1/x', '{}', told]);
});

test('an answer without end is passed on as it comes, and ended when nobody hears it', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const { port } = await world((request, response) => {
    request.socket.once('close', () => resolve());
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"type":"ADDED"}\n');
  });
  const answer = await new Promise<IncomingMessage>((got, reject) => void send({ host: '127.0.0.1', port, path: '/apis/w/v1/x?watch=1', agent: false }, got).once('error', reject).end());
  const [first] = await once(answer, 'data') as [Buffer];
  assert.equal(first.toString(), '{"type":"ADDED"}\n');
  answer.destroy();
  await gone;
});

test('S-902: a server that leads elsewhere is neither followed nor heard', async () => {
  let asked = 0;
  const { port } = await world((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end();
  });
  const { code, body, answer } = await ask(port, '/apis/w/v1/x');
  assert.deepEqual([code, body, answer.headers.location, asked], [502, 'the backend attempted to redirect this request, which is not permitted', undefined, 1]);
});

test('a server that is not who its registration says, or is not there, is not asked', async () => {
  let asked = 0;
  const count: RequestListener = (_request, response) => {
    asked += 1;
    response.end('ok');
  };
  const other = (await pki('other')).ca;
  for (const change of [(target: AggregatedTarget) => ({ ...target, authority: other }), (target: AggregatedTarget) => ({ ...target, serverName: 'else.wardle.svc' }), ({ authority: _none, ...target }: AggregatedTarget) => target]) {
    const { port, client, target } = await world(count, () => {}, change);
    const { code, body } = await ask(port, '/apis/w/v1/x');
    assert.equal(code, 503);
    assert.match((JSON.parse(body) as { message: string }).message, /^error trying to reach service: dial tcp 127\.0\.0\.1:\d+: .*(certificate|altnames)/);
    await assert.rejects(client.ask(target, '/apis', '', { name: 'x', groups: [] }), /certificate|altnames/);
  }
  assert.equal(asked, 0);
  const { client, target } = await world(count, () => {}, ({ authority: _none, ...target }) => ({ ...target, isInsecure: true }));
  assert.equal(Buffer.from((await client.ask(target, '/apis', '', { name: 'x', groups: [] })).body).toString(), 'ok', 'where nobody looks at certificates');
  await assert.rejects(client.ask({ ...target, host: 'localhost' }, '/apis', '', { name: 'x', groups: [] }), /address not allowed: localhost/);
});

test('a document that is too large is not read to its end', async () => {
  const { client, target } = await world((_request, response) => {
    const piece = Buffer.alloc(1024 * 1024);
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
      response.once('drain', more);
    };
    more();
  });
  await assert.rejects(client.ask(target, '/apis', '', { name: 'x', groups: [] }), /the answer has more than 4194304 bytes/);
});

/** A connection to the API that asks for another protocol, as it was written. */
function upgrading(port: number, more = ''): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /apis/w/v1/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Remote-User: root\r\n\r\n${more}`);
  return socket;
}

test('a connection that becomes another protocol goes through both ways', async () => {
  const { port } = await world(() => {}, (server) => server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    assert.deepEqual(request.headersDistinct['x-remote-user'], ['ann']);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  }));
  const socket = upgrading(port, 'hello');
  let heard = '';
  for await (const piece of socket as AsyncIterable<Buffer>) {
    heard += piece.toString();
    if (heard.endsWith('hello')) break;
  }
  assert.match(heard, /^HTTP\/1\.1 101 Switching Protocols\r\n[^]*\r\n\r\nhello$/);
});

test('S-901: a server that does not take the other protocol up hears nothing more on the connection', async () => {
  const asked: string[] = [];
  const { port } = await world((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(403).end('no');
  });
  const second = 'GET /apis/w/v1/secret HTTP/1.1\r\nHost: a\r\nX-Remote-User: root\r\nX-Remote-Group: system:masters\r\n\r\n';
  const heard = await text(upgrading(port, second));
  assert.match(heard, /^HTTP\/1\.1 403 Forbidden\r\n[^]*\r\n\r\n(?:2\r\n)?no/);
  assert.deepEqual([asked, heard.match(/HTTP\/1\.1/g)?.length], [['/apis/w/v1/x'], 1]);
});
