import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { identityHeaders } from './identity-headers.ts';

test('who asks is told with groups, uid and all else that is known, as a header can have it', () => {
  assert.deepEqual(identityHeaders({ name: 'ann', uid: 'u1', groups: ['dev', 'ops'], extra: new Map([['Example.com/Role%', ['a', 'b']]]) }), [
    ['X-Remote-User', 'ann'], ['X-Remote-Uid', 'u1'], ['X-Remote-Group', 'dev'], ['X-Remote-Group', 'ops'], ['X-Remote-Extra-example.com%2Frole%25', 'a'], ['X-Remote-Extra-example.com%2Frole%25', 'b'],
  ]);
  assert.deepEqual(identityHeaders({ name: 'é', groups: [] }), [['X-Remote-User', '\u00c3\u00a9']]);
});

test('S-914: a name that would be two headers is told to nobody', () => {
  for (const name of ['a\r\nX-Remote-Group: system:masters', 'a\nb', 'a\0b']) assert.throws(() => identityHeaders({ name, groups: [] }), (thrown) => isKind(thrown, 'invalid'));
});
