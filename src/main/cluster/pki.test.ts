import 'reflect-metadata';
import assert from 'node:assert/strict';
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
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
