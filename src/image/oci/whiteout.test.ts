import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { textToByteString as b } from './tar/byte-string.ts';
import { classifyName, isPortableXattr, opaqueName, whiteoutName } from './whiteout.ts';

test('names of a layer', () => {
  const cases: [name: string, kind: string, path?: string][] = [
    ['etc/passwd', 'node', 'etc/passwd'], ['etc/.wh.passwd', 'whiteout', 'etc/passwd'], ['.wh.etc', 'whiteout', 'etc'], ['./.wh.etc/', 'whiteout', 'etc'],
    ['.wh..hidden', 'whiteout', '.hidden'], ['.wh..wh..opq', 'opaque', ''], ['a/b/.wh..wh..opq', 'opaque', 'a/b'],
    ['.wh..wh.plnk', 'ignored'], ['.wh..wh.plnk/12.34', 'ignored'], ['.wh..wh.aufs', 'ignored'], ['a/.wh..wh.orph/x', 'ignored'],
    ['a.wh.b', 'node', 'a.wh.b'], ['.wha', 'node', '.wha'], ['x/.whiteout', 'node', 'x/.whiteout'], ['./', 'node', ''],
  ];
  for (const [name, kind, path] of cases) {
    assert.deepEqual(classifyName(b(name)), path === undefined ? { kind } : { kind, path }, name);
  }
});

test('whiteouts of no name, and entries below whiteouts, are refused', () => {
  for (const name of ['.wh.', 'a/.wh.', '.wh..', '.wh...', 'a/.wh...', '.wh.a/b', 'a/.wh.b/c', '.wh.a/.wh.b']) {
    assert.throws(() => classifyName(b(name)), (error) => isKind(error, 'invalid'), name);
  }
});

test('both directions agree', () => {
  for (const path of ['a', 'a/b', '.x', 'a/..b']) assert.deepEqual(classifyName(whiteoutName(b(path))), { kind: 'whiteout', path });
  for (const path of ['', 'a', 'a/b']) assert.deepEqual(classifyName(opaqueName(b(path))), { kind: 'opaque', path });
});

test('attributes of overlay and of the host do not pass', () => {
  for (const name of ['trusted.overlay.opaque', 'trusted.overlay.redirect', 'trusted.overlay.metacopy', 'trusted.overlay.origin', 'trusted.x', 'user.overlay.opaque', 'user.overlay.redirect']) {
    assert.equal(isPortableXattr(b(name)), false, name);
  }
  for (const name of ['security.capability', 'user.x', 'user.overlayish', 'system.posix_acl_access']) assert.equal(isPortableXattr(b(name)), true, name);
});
