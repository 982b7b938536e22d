import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { isKind } from '#base/error.ts';
import { SystemClock, SystemTimers } from '#base/edge/system-clock.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { SystemRandom } from '#base/edge/system-random.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import { parseReference } from '#image/oci/reference.ts';
import type { Credentials } from '../credentials.ts';
import { proxyEnvironment } from '../proxy-choice.ts';
import { readBytes } from '../read-text.ts';
import { Registries } from '../registries.ts';
import { DEFAULT_REGISTRY_CONFIG } from '../registry-config.ts';
import { HttpTransport } from './http-transport.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

interface Stub { readonly host: string; readonly seen: { readonly url: string; readonly authorization: string | undefined }[] }

/** A server that may do anything, on an address of this machine. */
function stub(address: string, answer: (req: IncomingMessage, res: ServerResponse, seen: number) => void): Promise<Stub> {
  return new Promise((resolve) => {
    const seen: Stub['seen'] = [];
    const server = createServer((req, res) => {
      seen.push({ url: `${req.method} ${req.url}`, authorization: req.headers.authorization });
      answer(req, res, seen.length);
    });
    servers.push(server);
    server.listen(0, address, () => resolve({ host: `${address}:${(server.address() as { port: number }).port}`, seen }));
  });
}

const content = Buffer.from('0123456789'.repeat(5000));
const blob = { digest: digestOfHex(createHash('sha256').update(content).digest('hex')), size: content.length };
const me: Credentials = { kind: 'password', username: 'me', password: 'secret' };

function client(name: string, trustedHosts: readonly string[] = []) {
  const transport = new HttpTransport({ certificates: '/nonexistent', userAgent: 'test', proxies: proxyEnvironment({}), env: {} });
  const registries = new Registries({ transport, clock: new SystemClock(), timers: new SystemTimers(), random: new SystemRandom(), hasher: new SystemHasher() }, { ...DEFAULT_REGISTRY_CONFIG, trustedHosts });
  return registries.target(parseReference(name), me);
}
const read = (name: string, trustedHosts?: readonly string[]) => readBytes({ body: client(name, trustedHosts).blob(blob) }, 1 << 20);
const isForbidden = (words: RegExp) => (error: unknown): boolean => isKind(error, 'forbidden') && words.test(error.message);

test('S-205: a redirect to another private address is not followed: nobody there hears of it', async () => {
  const victim = await stub('127.0.0.2', (_, res) => res.end(content));
  const registry = await stub('127.0.0.1', (_, res) => res.writeHead(307, { Location: `http://${victim.host}/latest/meta-data` }).end());
  await assert.rejects(read(`${registry.host}/a`), isForbidden(/leads to 127\.0\.0\.2, which has the private address 127\.0\.0\.2/));
  assert.deepEqual(victim.seen, []);
  assert.deepEqual(Buffer.from(await read(`${registry.host}/a`, ['127.0.0.2'])), content);
});

test('S-205: a name that leads to a private address is found out when it is connected to', async () => {
  const victim = await stub('127.0.0.1', (_, res) => res.end(content));
  const registry = await stub('127.0.0.3', (_, res) => res.writeHead(307, { Location: `http://localhost:${victim.host.split(':')[1]}/x` }).end());
  await assert.rejects(read(`${registry.host}/a`), isForbidden(/leads to localhost, which has the private address (?:127\.0\.0\.1|::1)/));
  assert.deepEqual(victim.seen, []);
});

test('S-205: another port of the registry\'s own host is reached, without credentials', async () => {
  const store = await stub('127.0.0.1', (_, res) => res.end(content));
  const registry = await stub('127.0.0.1', (req, res) => (req.headers.authorization === undefined
    ? res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="r"' }).end() : res.writeHead(307, { Location: `http://${store.host}/blob` }).end()));
  assert.deepEqual(Buffer.from(await read(`${registry.host}/a`)), content);
  assert.ok(registry.seen.at(-1)?.authorization !== undefined);
  assert.deepEqual(store.seen, [{ url: 'GET /blob', authorization: undefined }]);
});

test('S-205: a token server at another private address gets no password', async () => {
  const thief = await stub('127.0.0.2', (_, res) => res.end('{"token":"x"}'));
  const registry = await stub('127.0.0.1', (_, res) => res.writeHead(401, { 'WWW-Authenticate': `Bearer realm="http://${thief.host}/token",service="s"` }).end());
  await assert.rejects(read(`${registry.host}/a`), isForbidden(/wants the credentials sent to http:\/\/127\.0\.0\.2/));
  assert.deepEqual(thief.seen, []);
});

test('S-201: a connection that is reset in the middle is taken up by Range; other bytes than before are found out', async () => {
  const registry = await stub('127.0.0.1', (req, res, seen) => {
    const from = Number(/bytes=(\d+)-/.exec(req.headers.range ?? '')?.[1] ?? 0);
    res.writeHead(from === 0 ? 200 : 206, { 'Content-Length': content.length - from, ...(from === 0 ? {} : { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` }) });
    if (seen > 3) res.end(content.subarray(from));
    else res.write(content.subarray(from, from + 7000), () => res.destroy());
  });
  assert.deepEqual(Buffer.from(await read(`${registry.host}/a`)), content);
  assert.ok(registry.seen.length >= 3);
  const liar = await stub('127.0.0.1', (_, res) => res.end(Buffer.concat([content.subarray(1), Buffer.from('x')])));
  await assert.rejects(client(`${liar.host}/a`).smallBlob(blob, 1 << 20), (error) => isKind(error, 'invalid') && /does not match its digest/.test(error.message));
});

test('a registry that answers with more than it should is cut off', async () => {
  const registry = await stub('127.0.0.1', (_, res) => {
    res.writeHead(200);
    const timer = setInterval(() => void res.write(content), 1);
    res.on('close', () => clearInterval(timer));
  });
  await assert.rejects(read(`${registry.host}/a`), (error) => isKind(error, 'invalid') && /longer than the 50000 bytes/.test(error.message));
});

test('a body whose pieces are lent comes as it is, and the connection is good for more', async () => {
  const large = Buffer.from(Uint32Array.from({ length: 1 << 20 }, (_, index) => Math.imul(index, 2654435761)).buffer);
  const descriptor = { digest: digestOfHex(createHash('sha256').update(large).digest('hex')), size: large.length };
  const registry = await stub('127.0.0.1', (_, res) => res.writeHead(200, { 'Content-Length': String(large.length) }).end(large));
  const source = client(`${registry.host}/a`);
  for (const pieces of ['lent', 'kept', 'lent'] as const) {
    const hash = createHash('sha256');
    const seen: Uint8Array[] = [];
    for await (const piece of source.blob(descriptor, undefined, pieces)) {
      hash.update(piece);
      seen.push(piece);
    }
    assert.equal(digestOfHex(hash.digest('hex')), descriptor.digest);
    // All memory of the lent ones has been given back.
    assert.equal(seen.reduce((sum, piece) => sum + piece.length, 0), pieces === 'lent' ? 0 : large.length);
  }
});
