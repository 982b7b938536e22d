import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMountinfo } from './mountinfo.ts';

test('a line with peer groups and escapes', () => {
  const [entry] = parseMountinfo('36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n');
  assert.deepEqual(entry, {
    id: 36, parent: 35, device: '98:0', root: '/mnt1', target: '/mnt 2', options: ['rw', 'noatime'],
    propagation: { shared: 7, master: 1, unbindable: false }, type: 'ext3', source: '/dev/root',
    superOptions: ['rw', 'errors=continue'],
  });
});

test('no optional fields, and a target that is a hyphen', () => {
  const [entry] = parseMountinfo('1 0 0:1 / /- rw - tmpfs - rw');
  assert.equal(entry?.target, '/-');
  assert.equal(entry?.source, '-');
  assert.deepEqual(entry?.propagation, { unbindable: false });
});

test('lines that are cut short are left out', () => {
  assert.deepEqual(parseMountinfo('36 35 98:0 /mnt1 /mnt2 rw shared:1 -\n\n36 35\n'), []);
});

test('any target comes back as it was', () => {
  const target = fc.string({ unit: fc.constantFrom('a', '/', ' ', '\t', '\n', '\\', 'é', '-', ':', ',') }).map((text) => `/${text}`);
  fc.assert(fc.property(target, (path) => {
    const escaped = path.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
    assert.equal(parseMountinfo(`1 0 0:1 / ${escaped} rw - tmpfs none rw`)[0]?.target, path);
  }));
});
