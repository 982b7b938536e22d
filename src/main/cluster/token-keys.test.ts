import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ISSUER } from '#cluster/api/access/service-account-tokens.ts';
import { openTokenKeys } from './token-keys.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token is believed when it is signed by the key, for now, by the issuer, and by no other algorithm', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-keys-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const keys = await openTokenKeys(directory);
  assert.equal(statSync(join(directory, 'service-account.key')).mode & 0o777, 0o600);
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, sub: 'x', aud: ['y'], iat: now, nbf: now, exp: now + 60 };
  const token = await keys.sign(claims);
  assert.deepEqual(await (await openTokenKeys(directory)).verify(token), claims, 'the key is kept');
  const [head = '', body = '', signature = ''] = token.split('.');
  const other = await openTokenKeys(mkdtempSync(join(directory, 'other-')));
  for (const [what, wrong] of [
    ['over', await keys.sign({ ...claims, exp: now - 1 })], ['not yet', await keys.sign({ ...claims, nbf: now + 600 })], ['of another issuer', await keys.sign({ ...claims, iss: 'https://example.com' })], ['without end', await keys.sign({ iss: ISSUER, sub: 'x', aud: 'y' })],
    ['changed', `${head}.${part({ ...claims, sub: 'admin' })}.${signature}`], ['unsigned', `${part({ alg: 'none' })}.${body}.`], ['signed with the public key as a secret', `${part({ alg: 'HS256' })}.${body}.${signature}`],
    ['of another key', await other.sign(claims)], ['none', 'abc'], ['empty', ''],
  ] as const) assert.equal(await keys.verify(wrong), undefined, what);
});
