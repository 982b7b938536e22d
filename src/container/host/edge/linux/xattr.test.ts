import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { getXattr, listXattrs, removeXattr, setXattr } from './xattr.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const scratch = mkdtempSync(join(tmpdir(), 'gantry-xattr-'));
const file = join(scratch, 'file');
writeFileSync(file, '');
after(() => rmSync(scratch, { recursive: true }));

test('values are bytes of any length, from empty to larger than the first try', { skip }, () => {
  for (const length of [0, 1, 255, 256, 257, 3000]) {
    const value = Buffer.alloc(length, 0xff);
    setXattr(file, 'trusted.size', value);
    assert.deepEqual(getXattr(file, 'trusted.size'), value);
  }
});

test('list, remove, and what is not there', { skip }, () => {
  setXattr(file, 'trusted.overlay.opaque', Buffer.from('y'));
  assert.ok(listXattrs(file).includes('trusted.overlay.opaque'));
  assert.equal(removeXattr(file, 'trusted.overlay.opaque'), true);
  assert.equal(removeXattr(file, 'trusted.overlay.opaque'), false);
  assert.equal(getXattr(file, 'trusted.overlay.opaque'), undefined);
});

test('creating and replacing say when they cannot', { skip }, () => {
  assert.throws(() => setXattr(file, 'trusted.mode', Buffer.from('1'), 'replace'), { kind: 'not-found' });
  setXattr(file, 'trusted.mode', Buffer.from('1'), 'create');
  assert.throws(() => setXattr(file, 'trusted.mode', Buffer.from('2'), 'create'), { kind: 'conflict' });
});

test('links are not followed', { skip }, () => {
  const link = join(scratch, 'link');
  symlinkSync(file, link);
  setXattr(link, 'trusted.of-link', Buffer.from('1'));
  assert.equal(getXattr(file, 'trusted.of-link'), undefined);
  assert.throws(() => getXattr(join(scratch, 'none'), 'trusted.x'), { kind: 'not-found', message: /attribute trusted.x of / });
});
