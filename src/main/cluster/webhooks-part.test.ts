import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isKind } from '#base/error.ts';
import type { WebhookTarget } from '#cluster/api/admission/webhooks/webhook-port.ts';
import { WebhookClient } from '#cluster/api/edge/webhook-client.ts';
import { openPki, type ClusterPki } from './pki.ts';

const directory = mkdtempSync(join(tmpdir(), 'gantry-webhook-'));
const client = new WebhookClient();
const servers: Server[] = [];
after(() => {
  client.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(directory, { recursive: true });
});

const pki = async (name: string): Promise<ClusterPki> => await openPki(join(directory, name), ['hook.a.svc'], ['127.0.0.1']);

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ readonly target: WebhookTarget; readonly connections: () => number }> {
  const { ca, server: pair } = await pki('hook');
  let connections = 0;
  const server = createServer({ key: pair.key, cert: pair.cert }, answer).on('secureConnection', () => (connections += 1));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { target: { host: '127.0.0.1', port, serverName: 'hook.a.svc', path: '/check', authority: ca, url: `https://hook.a.svc:${port}/check` }, connections: () => connections };
}

const text = async (target: WebhookTarget, body = '{}', timeoutMs = 10_000): Promise<string> => new TextDecoder().decode(await client.call(target, body, timeoutMs));
const fails = async (target: WebhookTarget, why: RegExp, timeoutMs = 10_000): Promise<void> => await assert.rejects(client.call(target, '{}', timeoutMs), (thrown) => isKind(thrown, 'unavailable') && why.test(thrown.message));

test('a webhook is asked over TLS, on connections that are kept', async () => {
  const { target, connections } = await serve((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString())).on('end', () => response.end(`${request.method} ${request.url} ${request.headers.host?.split(':')[0]} ${body}`));
  });
  assert.equal(await text(target, '{"a":1}'), 'POST /check?timeout=10s hook.a.svc {"a":1}');
  assert.equal(await text(target), 'POST /check?timeout=10s hook.a.svc {}');
  assert.equal(connections(), 1);
});

test('whose certificate is not that of the authority, or has another name, is not asked', async () => {
  let asked = 0;
  const { target } = await serve((_request, response) => {
    asked += 1;
    response.end();
  });
  await fails({ ...target, authority: (await pki('other')).ca }, /^Post "https:\/\/hook\.a\.svc:\d+\/check\?timeout=10s": .*(certificate|signature)/);
  await fails({ ...target, serverName: 'else.a.svc' }, /altnames/);
  const { authority: _none, ...trusted } = target;
  await fails(trusted, /certificate/);
  assert.equal(asked, 0);
});

test('what does not answer in time, or drop by drop, is cut off', async () => {
  const silent = await serve(() => {});
  await fails(silent.target, /context deadline exceeded$/, 50);
  const dripping = await serve((_request, response) => {
    response.write('[');
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(timer));
  });
  await fails(dripping.target, /context deadline exceeded$/, 100);
});

test('what says too much is cut off, no redirect is followed, and what a failure says is kept back', async () => {
  const large = await serve((_request, response) => {
    const more = (): void => void (response.destroyed || (response.write(Buffer.alloc(1 << 20)) ? setImmediate(more) : response.once('drain', more)));
    more();
  });
  await fails(large.target, /the answer has more than 3145728 bytes$/);
  let followed = 0;
  const there = await serve((_request, response) => {
    followed += 1;
    response.end();
  });
  const moved = await serve((_request, response) => void response.writeHead(307, { location: there.target.url }).end('secret'));
  await fails(moved.target, /responded with the status code 307$/);
  assert.equal(followed, 0);
  const broken = await serve((request) => request.socket.destroy());
  await fails(broken.target, /(hang up|ECONNRESET|closed)/);
});
