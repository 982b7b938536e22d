import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSupported, NEWEST, splitVersion } from './version.ts';

test('a path gives its version and the rest', () => {
  assert.deepEqual(splitVersion('/v1.43/containers/json'), { version: 1043, text: '1.43', path: '/containers/json' });
  assert.deepEqual(splitVersion('/info'), { version: NEWEST, text: '1.51', path: '/info' });
  assert.deepEqual(splitVersion('/volumes/v1.43'), { version: NEWEST, text: '1.51', path: '/volumes/v1.43' });
});

test('versions out of bounds are told in the words that clients know', () => {
  for (const text of ['1.24', '1.51']) assertSupported(splitVersion(`/v${text}/x`).version, text);
  assert.throws(() => assertSupported(1010, '1.10'), {
    kind: 'invalid', message: 'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  });
  for (const text of ['1.52', '2.0', '1.999']) {
    assert.throws(() => assertSupported(splitVersion(`/v${text}/x`).version, text), { message: `client version ${text} is too new. Maximum supported API version is 1.51` });
  }
});
