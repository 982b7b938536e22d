import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { resolveUser } from './user.ts';

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/bin/sh\n1000:x:0:0:trap::\n#comment\nbroken\n';
const GROUP = 'root:x:0:\nweb:x:33:\nstaff:x:50:web,root\n';

test('users by name and number, as docker run --user takes them', () => {
  const cases: readonly [string, number, number, readonly number[], string][] = [
    ['', 0, 0, [0, 50], '/root'], ['root', 0, 0, [0, 50], '/root'], ['web', 33, 33, [33, 50], '/var/www'], ['33', 33, 33, [33, 50], '/var/www'],
    ['web:staff', 33, 50, [50], '/var/www'], ['web:0', 33, 0, [0], '/var/www'], ['4711', 4711, 0, [0], '/'], ['4711:50', 4711, 50, [50], '/'],
  ];
  for (const [text, uid, gid, additionalGids, home] of cases) assert.deepEqual(resolveUser(text, [], PASSWD, GROUP), { uid, gid, additionalGids, home }, text);
});

test('memberships count always or never where that is said', () => {
  const groups = (text: string, imageGroups: boolean): readonly number[] => resolveUser(text, ['7'], PASSWD, GROUP, imageGroups).additionalGids;
  assert.deepEqual([groups('web:4711', true), groups('web:4711', false), groups('web', false), groups('33', true)], [[4711, 50, 7], [4711, 7], [33, 7], [33, 50, 7]]);
});

test('a number is never looked up as a name (CVE-2026-46680)', () => {
  assert.equal(resolveUser('1000', [], PASSWD, GROUP).uid, 1000);
});

test('numbers that wrap to root are refused (CVE-2024-40635), and so are unknown names', () => {
  for (const text of ['2147483648', '4294967296', '-1', '0:4294967296', 'nobody-here', 'web:nobody-here']) {
    assert.throws(() => resolveUser(text, [], PASSWD, GROUP), (error) => isKind(error, 'invalid'), text);
  }
});

test('further groups come by name and number', () => {
  assert.deepEqual(resolveUser('web', ['staff', '7'], PASSWD, GROUP).additionalGids, [33, 50, 7]);
});
