import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { archive, member } from './forge.ts';

test('GNU tar lists what the writer writes', () => {
  const long = `${'a'.repeat(50)}/${'b'.repeat(90)}/`;
  const tooLong = `${'c'.repeat(200)}/x`;
  const bytes = archive(
    member({ name: 'file', body: 'hi', mode: 0o4711, uid: 10, gid: 20 }),
    member({ name: long, type: 'directory' }),
    member({ name: tooLong, uid: 2 ** 31 }),
    member({ name: 'l', type: 'symlink', linkName: 'file' }),
    member({ name: 'h', type: 'hardlink', linkName: 'file' }),
    member({ name: 'dev', type: 'block', deviceMajor: 8, deviceMinor: 1 }),
    member({ name: 'ü' }),
  );
  const lines = execFileSync('tar', ['--numeric-owner', '--utc', '--quoting-style=literal', '-tvf', '-'], { input: bytes }).toString().trim().split('\n').map((line) => line.replace(/ +/g, ' '));
  const date = '2001-09-09 01:46';
  assert.deepEqual(lines, [
    `-rws--x--x 10/20 2 ${date} file`, `drwxr-xr-x 0/0 0 ${date} ${long}`, `-rw-r--r-- 2147483648/0 0 ${date} ${tooLong}`,
    `lrw-r--r-- 0/0 0 ${date} l -> file`, `hrw-r--r-- 0/0 0 ${date} h link to file`, `brw-r--r-- 0/0 8,1 ${date} dev`, `-rw-r--r-- 0/0 0 ${date} ü`,
  ]);
});

test('a PAX header only where it is needed', () => {
  assert.equal(member({ name: 'a'.repeat(100) }).length, 512);
  assert.equal(member({ name: `${'a'.repeat(155)}/${'b'.repeat(100)}` }).length, 512);
  assert.equal(member({ name: `${'a'.repeat(99)}/` }).length, 512);
  assert.equal(member({ name: 'a'.repeat(101) }).length, 1536);
  assert.equal(member({ name: 'a', modified: { seconds: 1, nanoseconds: 1 } }).length, 1536);
});

test('the same entry gives the same bytes, whatever the order of its attributes', () => {
  const one = { 'user.a': Uint8Array.of(1), 'user.b': Uint8Array.of(2) };
  const two = { 'user.b': Uint8Array.of(2), 'user.a': Uint8Array.of(1) };
  assert.deepEqual(member({ name: 'x', xattrs: one }), member({ name: 'x', xattrs: two }));
});
