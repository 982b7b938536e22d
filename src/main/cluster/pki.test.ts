import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { openPki, readCertificateRequest, signClientRequest } from './pki.ts';

test('a request that is signed by its own key is read, and signed for its subject and no longer than asked for', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-pki-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const pki = await openPki(directory, ['localhost'], ['127.0.0.1']);
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const pem = (await Pkcs10CertificateRequestGenerator.create({ name: 'CN=ann, O=dev, O=ops', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } }, webcrypto)).toString('pem');
  assert.deepEqual(await readCertificateRequest(pem), { name: 'ann', groups: ['dev', 'ops'] });
  assert.equal(await readCertificateRequest('x'), undefined);
  const [head = '', ...lines] = pem.split('\n');
  const changed = lines.map((line, index) => (index === lines.length - 2 ? line.replace(/^.../, (text) => (text === 'AAA' ? 'BBB' : 'AAA')) : line));
  assert.equal(await readCertificateRequest([head, ...changed].join('\n')), undefined, 'a signature that is not by the key');
  const certificate = new X509Certificate(await signClientRequest(await openPki(directory, [], []), pem, 3600));
  assert.match(certificate.subject, /CN=ann\nO=dev\nO=ops|O=dev\nO=ops/);
  assert.ok(certificate.verify(new X509Certificate(pki.ca).publicKey) && !certificate.ca);
  assert.ok(Math.abs(Date.parse(certificate.validTo) - Date.now() - 3_600_000) < 60_000);
});

test('on another machine the same authority names the new addresses, and what nothing changed for stays as it is', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-pki-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const first = await openPki(directory, ['localhost', 'one'], ['127.0.0.1', '10.0.0.1']);
  assert.deepEqual(await openPki(directory, ['one'], ['10.0.0.1']), first);
  const moved = await openPki(directory, ['localhost', 'two'], ['127.0.0.1', '10.0.0.2']);
  assert.deepEqual([moved.ca, moved.caKey, moved.admin], [first.ca, first.caKey, first.admin]);
  const server = new X509Certificate(moved.server.cert);
  assert.ok(server.verify(new X509Certificate(first.ca).publicKey) && server.checkPrivateKey(createPrivateKey(moved.server.key)));
  assert.deepEqual([server.checkHost('two'), server.checkIP('10.0.0.2'), server.checkHost('one')], ['two', '10.0.0.2', undefined]);
  assert.deepEqual(await openPki(directory, ['two'], ['10.0.0.2']), moved);
  assert.deepEqual(readdirSync(directory), ['pki.json']);
  assert.equal(statSync(join(directory, 'pki.json')).mode & 0o777, 0o600);
});

test('a certificate that ends soon is replaced at the next start', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-pki-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const first = await openPki(directory, ['localhost'], ['127.0.0.1']);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 300 * 86_400_000 });
  const later = await openPki(directory, ['localhost'], ['127.0.0.1']);
  assert.equal(later.ca, first.ca);
  for (const [was, is] of [[first.server, later.server], [first.admin, later.admin]] as const) {
    assert.ok(Date.parse(new X509Certificate(is.cert).validTo) > Date.parse(new X509Certificate(was.cert).validTo));
    assert.ok(new X509Certificate(is.cert).verify(new X509Certificate(first.ca).publicKey));
  }
});

test('the front proxy has an authority of its own, also where a cluster of an earlier release had none', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-pki-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const first = await openPki(directory, ['localhost'], ['127.0.0.1']);
  const client = new X509Certificate(first.frontProxy.client.cert);
  assert.deepEqual([client.subject, client.verify(new X509Certificate(first.frontProxy.ca).publicKey), client.checkPrivateKey(createPrivateKey(first.frontProxy.client.key)), client.ca], ['CN=front-proxy-client', true, true, false]);
  assert.ok(!client.verify(new X509Certificate(first.ca).publicKey), 'it is nobody by the authority of the cluster');
  const { frontProxy: _none, ...earlier } = first;
  writeFileSync(join(directory, 'pki.json'), JSON.stringify(earlier));
  const renewed = await openPki(directory, ['localhost'], ['127.0.0.1']);
  assert.deepEqual({ ...renewed, frontProxy: undefined }, { ...first, frontProxy: undefined });
  assert.match(new X509Certificate(renewed.frontProxy.client.cert).subject, /front-proxy-client/);
});
