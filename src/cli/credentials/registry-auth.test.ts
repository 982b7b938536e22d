import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { isKind } from '#base/error.ts';
import { RegistryAuths, serverNamed, serverOf } from './registry-auth.ts';

// A directory with a config file and helpers on PATH, which are scripts that write down what they were asked.
const directory = mkdtempSync(join(tmpdir(), 'gantry-credentials-'));
const path = process.env['PATH'];
process.env['PATH'] = `${directory}:${path}`;
after(() => {
  process.env['PATH'] = path;
  rmSync(directory, { recursive: true });
});

const asked = (): string => readFileSync(join(directory, 'asked'), 'utf8');
function helper(name: string, answer: string, code = 0): void {
  writeFileSync(join(directory, `docker-credential-${name}`), `#!/bin/sh\n{ printf '%s %s ' "\${0##*-}" "$1"; cat; } >> '${directory}/asked'\nprintf '%s' '${answer}'\nexit ${code}\n`, { mode: 0o755 });
}
function auths(config: object): RegistryAuths {
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  return new RegistryAuths(directory);
}
const stored = (): Record<string, unknown> => JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as Record<string, unknown>;

beforeEach(() => writeFileSync(join(directory, 'asked'), ''));

test('a registry\'s own helper comes before the one for all, and that before the file', async () => {
  helper('own', '{"Username":"me","Secret":"mine"}');
  helper('all', '{"Username":"<token>","Secret":"refresh"}');
  const found = auths({ credsStore: 'all', credHelpers: { 'r.example': 'own' }, auths: { 'r.example': { auth: Buffer.from('file:file').toString('base64') } } });
  assert.deepEqual(await found.find('r.example'), { serveraddress: 'r.example', username: 'me', password: 'mine' });
  assert.deepEqual(await found.find('other.example'), { serveraddress: 'other.example', identitytoken: 'refresh' });
  assert.equal(asked(), 'own get r.example\nall get other.example\n');
  const header = (await found.header('r.example'))['X-Registry-Auth'] ?? '';
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), { serveraddress: 'r.example', username: 'me', password: 'mine' });
});

test('what a helper keeps is in no file, and is erased by it', async () => {
  helper('all', '');
  const kept = auths({ credsStore: 'all', HttpHeaders: { a: 'b' } });
  assert.equal(await kept.store({ serveraddress: 'r.example', username: 'me', password: 'secret' }), false);
  assert.equal(await kept.store({ serveraddress: 'r.example', username: 'me', identitytoken: 'refresh' }), false);
  await kept.erase('r.example');
  assert.equal(asked(), 'all store {"ServerURL":"r.example","Username":"me","Secret":"secret"}\nall store {"ServerURL":"r.example","Username":"<token>","Secret":"refresh"}\nall erase r.example\n');
  assert.deepEqual(stored(), { credsStore: 'all', HttpHeaders: { a: 'b' } });
});

test('a helper that knows nothing means no credentials; one that fails, says nonsense or is not there is told of', async () => {
  helper('none', 'credentials not found in native keychain', 1);
  assert.equal(await auths({ credsStore: 'none' }).find('r.example'), undefined);
  await auths({ credsStore: 'none' }).erase('r.example');
  helper('broken', 'the keychain is locked', 1);
  await assert.rejects(auths({ credsStore: 'broken' }).find('r.example'), /error getting credentials - docker-credential-broken get failed: the keychain is locked/);
  await assert.rejects(auths({ credsStore: 'broken' }).store({ serveraddress: 'r.example', username: 'me', password: 'x' }), /store failed/);
  for (const nonsense of ['', 'null', '[]', '{"Username":1,"Secret":"x"}', '{"Username":"x"}']) {
    helper('odd', nonsense);
    await assert.rejects(auths({ credsStore: 'odd' }).find('r.example'), /docker-credential-odd get failed: it answers without a secret/, nonsense);
  }
  await assert.rejects(auths({ credsStore: 'absent' }).find('r.example'), (error) => isKind(error, 'unavailable') && /docker-credential-absent can't be run/.test(error.message));
  for (const name of ['../x', 'a b', 'x;y']) await assert.rejects(async () => auths({ credsStore: name }).find('r.example'), (error) => isKind(error, 'invalid'), name);
});

test('without a helper the file keeps it, readable by its owner alone, and everything else in it stays', async () => {
  const plain = auths({ auths: { 'https://old.example/v1/': { auth: Buffer.from('old:p:w').toString('base64') } }, psFormat: 'x' });
  assert.deepEqual(await plain.find('old.example'), { serveraddress: 'old.example', username: 'old', password: 'p:w' });
  assert.equal(await plain.find('none.example'), undefined);
  assert.equal(await plain.store({ serveraddress: 'r.example', username: 'me', password: 'secret' }), true);
  assert.equal(statSync(join(directory, 'config.json')).mode & 0o777, 0o600);
  assert.deepEqual([stored()['psFormat'], Object.keys(stored()['auths'] as object)], ['x', ['https://old.example/v1/', 'r.example']]);
  const again = new RegistryAuths(directory);
  assert.deepEqual(await again.find('r.example'), { serveraddress: 'r.example', username: 'me', password: 'secret' });
  await again.erase('r.example');
  assert.equal(await new RegistryAuths(directory).find('r.example'), undefined);
  writeFileSync(join(directory, 'config.json'), 'no JSON');
  assert.throws(() => new RegistryAuths(directory), (error) => isKind(error, 'invalid'));
});

test('Docker Hub has one place for its credentials, by whatever name', () => {
  for (const name of ['', 'docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io']) assert.equal(serverNamed(name), 'https://index.docker.io/v1/', name);
  assert.equal(serverNamed('https://r.example:5000/v2/'), 'r.example:5000');
  assert.equal(serverOf('docker.io/library/nginx'), 'https://index.docker.io/v1/');
  assert.equal(serverOf('r.example/a/b'), 'r.example');
});
