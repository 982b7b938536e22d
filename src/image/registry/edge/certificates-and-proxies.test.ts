import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { isKind } from '#base/error.ts';
import { proxyEnvironment } from '../proxy-choice.ts';
import { ANYWHERE } from '../reach.ts';
import { readText } from '../read-text.ts';
import { HttpTransport } from './http-transport.ts';

const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'needs openssl';
const directory = mkdtempSync(`${tmpdir()}/gantry-transport-`);
const NAME = 'registry.invalid';
let server: Server;
let port: number;
let proxy: Server;
let proxyUrl: string;
const proxied: string[] = [];

/** Who its own certificate names, or nobody. Self-signed: each is its own authority. */
function certificate(name: string): void {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:127.0.0.1,DNS:${NAME}`], { cwd: directory, stdio: 'pipe' });
}
const read = (name: string): string => readFileSync(`${directory}/${name}`, 'utf8');
const listen = (of: Server): Promise<number> => new Promise((resolve) => of.listen(0, '127.0.0.1', () => resolve((of.address() as { port: number }).port)));

before(async () => {
  if (skip !== false) return;
  for (const name of ['server', 'client', 'stranger']) certificate(name);
  server = createTlsServer({ key: read('server.key'), cert: read('server.pem'), ca: read('client.pem'), requestCert: true, rejectUnauthorized: false }, (req, res) => {
    const socket = req.socket as TLSSocket;
    res.end(socket.authorized ? `for ${socket.getPeerCertificate().subject.CN}` : 'for nobody');
  });
  port = await listen(server);
  proxy = createServer((req, res) => {
    proxied.push(`${req.method} ${req.url}`);
    res.end('from the proxy');
  });
  proxy.on('connect', (req, socket) => {
    proxied.push(`CONNECT ${req.url} ${req.headers.authorization ?? 'without credentials'}`);
    const through = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [through, socket]) end.on('error', () => undefined);
  });
  proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
});

after(() => {
  for (const each of [server, proxy]) {
    each?.close();
    each?.closeAllConnections();
  }
  rmSync(directory, { recursive: true });
});

/** A directory as certs.d, with these files for the host. */
function certificates(host: string, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(`${directory}/certs-`);
  mkdirSync(`${root}/${host}`);
  for (const [to, from] of Object.entries(files)) copyFileSync(`${directory}/${from}`, `${root}/${host}/${to}`);
  return root;
}

async function get(root: string, url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const transport = new HttpTransport({ certificates: root, userAgent: 'test', proxies: proxyEnvironment(env), env });
  const { host } = new URL(url);
  const exchange = await transport.send({ method: 'GET', url, headers: { Authorization: 'Basic c2VjcmV0' }, certificatesOf: host, verifiesCertificate: true, reach: ANYWHERE });
  return exchange.kind === 'failure' ? exchange.failure : readText(exchange.response, 1000);
}

test('a client certificate of the registry\'s directory is shown to that registry', { skip }, async () => {
  const host = `127.0.0.1:${port}`;
  const url = `https://${host}/v2/`;
  assert.equal(await get(certificates(host, { 'ca.crt': 'server.pem', 'me.cert': 'client.pem', 'me.key': 'client.key' }), url), 'for client');
  assert.equal(await get(certificates(host, { 'ca.crt': 'server.pem', 'me.cert': 'stranger.pem', 'me.key': 'stranger.key' }), url), 'for nobody');
  assert.equal(await get(certificates(host, { 'ca.crt': 'server.pem' }), url), 'for nobody');
  assert.equal(await get(certificates('127.0.0.1:1', { 'ca.crt': 'server.pem', 'me.cert': 'client.pem', 'me.key': 'client.key' }), url), 'untrusted', 'another registry\'s does not count');
  for (const half of [{ 'me.cert': 'client.pem' }, { 'me.key': 'client.key' }]) {
    await assert.rejects(get(certificates(host, { 'ca.crt': 'server.pem', ...half }), url), (error) => isKind(error, 'invalid') && /me has a key or a certificate, but not both/.test(error.message));
  }
});

test('proxies: plain requests whole, encrypted ones through a tunnel that sees no credentials, and some not at all', { skip }, async () => {
  const env = { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, NO_PROXY: 'direct.invalid' };
  const root = certificates(NAME, { 'ca.crt': 'server.pem', 'me.cert': 'client.pem', 'me.key': 'client.key' });
  assert.equal(await get(root, `http://${NAME}/v2/`, env), 'from the proxy');
  assert.equal(await get(root, `https://${NAME}/v2/`, env), 'for client');
  assert.deepEqual(proxied, [`GET http://${NAME}/v2/`, `CONNECT ${NAME}:443 without credentials`]);
  proxied.length = 0;
  assert.equal(await get(root, 'http://direct.invalid/v2/', env), 'unreachable');
  assert.equal(await get(certificates(`127.0.0.1:${port}`, { 'ca.crt': 'server.pem' }), `https://127.0.0.1:${port}/`, env), 'for nobody');
  assert.deepEqual(proxied, []);
});
