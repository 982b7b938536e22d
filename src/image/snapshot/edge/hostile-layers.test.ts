import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isKind } from '#base/error.ts';
import { archive, gnuLong, member, paxMember, rawMember } from '#image/oci/tar/forge.ts';
import { LAYER_LIMITS } from '../port.ts';
import { describeTree, NEEDS_ROOT, testRoot, unpackTar } from './_test-root.ts';

// Files outside of the layer that every attack aims at. None of them may change.
const root = testRoot();
const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };
const outside = join(root.path, 'outside');
const sentinel = join(outside, 'sentinel');
mkdirSync(outside);
mkdirSync(join(outside, 'd'));
writeFileSync(sentinel, 'untouched', { mode: 0o640 });
symlinkSync('sentinel', join(outside, 'link'));

let before: string[] = [];
beforeEach(() => { before = NEEDS_ROOT === undefined ? describeTree(outside) : []; });
afterEach(() => {
  if (NEEDS_ROOT !== undefined) return;
  assert.deepEqual(describeTree(outside), before);
  assert.deepEqual(readdirSync(root.path).filter((name) => !name.startsWith('store-') && name !== 'code-cache'), ['outside']);
});

const up = '../'.repeat(12);
const unpack = (...members: Uint8Array[]): ReturnType<typeof unpackTar> => unpackTar(root.fresh(), archive(...members));
const dir = (name: string): Uint8Array => member({ name, type: 'directory' });
const link = (name: string, linkName: string): Uint8Array => member({ name, type: 'symlink', linkName });
const hard = (name: string, linkName: string): Uint8Array => member({ name, type: 'hardlink', linkName });

async function refused(message: RegExp, ...members: Uint8Array[]): Promise<void> {
  await assert.rejects(unpack(...members), (error) => isKind(error, 'invalid', 'too-large') && message.test(error.message));
}

test('S-101: names that lead out, by every way a name can be given', needsRoot, async () => {
  const name = `${up}${sentinel}`;
  await Promise.all([
    refused(/leads out/, member({ name, body: 'x' })),
    refused(/leads out/, paxMember({ path: name }), member({ name: 'x' })),
    refused(/leads out/, gnuLong('L', name), member({ name: 'x' })),
    refused(/leads out/, rawMember({ prefix: '../..', name: 'x', typeFlag: '0' })),
  ]);
});

test('S-101: absolute names land inside', needsRoot, async () => {
  const { diff } = await unpack(member({ name: sentinel, body: 'inside' }), member({ name: '//etc//passwd', body: 'p' }));
  assert.equal(readFileSync(join(diff, sentinel), 'utf8'), 'inside');
  assert.equal(readFileSync(join(diff, 'etc/passwd'), 'utf8'), 'p');
});

test('S-102: writes through links stay inside', needsRoot, async () => {
  const { diff } = await unpack(
    link('root', '/'), member({ name: 'root/f1', body: '1' }),
    link('up', up), member({ name: 'up/f2', body: '2' }),
    dir('d'), link('d/up', '../..'), member({ name: 'd/up/f3', body: '3' }),
    dir('real'), link('real2', 'real'), member({ name: 'real2/f4', body: '4' }),
  );
  assert.deepEqual(readdirSync(diff).sort(), ['d', 'f1', 'f2', 'f3', 'real', 'real2', 'root', 'up']);
  assert.deepEqual(readdirSync(join(diff, 'real')), ['f4']);
});

test('S-102: links to what is outside lead to nothing', needsRoot, async () => {
  const chain = Array.from({ length: 45 }, (_, index) => link(`l${index}`, `l${index + 1}`));
  await Promise.all([
    refused(/not in the layer/, link('out', outside), member({ name: 'out/sentinel', body: 'x' })),
    refused(/not in the layer/, link('cwd', '/proc/self/cwd'), member({ name: 'cwd/x', body: 'x' })),
    refused(/not in the layer/, link('root', '/proc/1/root'), member({ name: 'root/x', body: 'x' })),
    refused(/too many links/, ...chain, link('l45', '/'), member({ name: 'l0/x' })),
    refused(/too many links/, link('a', 'b'), link('b', 'a'), member({ name: 'a/x' })),
    refused(/not a directory/, member({ name: 'f' }), member({ name: 'f/x' })),
  ]);
});

test('S-102: a directory that becomes a link after it was seen, and the other way round', needsRoot, async () => {
  const { diff } = await unpack(
    dir('d'), member({ name: 'd/1', body: '1' }), dir('e'), link('d', 'e'), member({ name: 'd/2', body: '2' }),
    link('f', 'e'), dir('f'), member({ name: 'f/3', body: '3' }),
  );
  assert.equal(readlinkSync(join(diff, 'd')), 'e');
  assert.deepEqual(readdirSync(join(diff, 'e')), ['2']);
  assert.deepEqual(readdirSync(join(diff, 'f')), ['3']);
});

test('an entry in the place of a link replaces the link, not what it leads to', needsRoot, async () => {
  const { diff } = await unpack(
    member({ name: 'target', body: 'old' }), link('a', 'target'), member({ name: 'a', body: 'new' }), link('b', sentinel), member({ name: 'b', body: 'new' }),
  );
  assert.equal(readFileSync(join(diff, 'target'), 'utf8'), 'old');
  assert.equal(readFileSync(join(diff, 'b'), 'utf8'), 'new');
});

test('S-103: hard links are to earlier entries of the layer, or refused', needsRoot, async () => {
  const { diff } = await unpack(
    member({ name: 'f', body: 'x' }), dir('d'), hard('d/h', '/f'), link('s', 'd'), hard('h2', 's/h'), link('sym', sentinel), hard('h3', 'sym'),
    member({ name: 'null', type: 'character', deviceMajor: 1, deviceMinor: 3 }), hard('null2', 'null'),
  );
  assert.equal(statSync(join(diff, 'f')).nlink, 3);
  assert.equal(readlinkSync(join(diff, 'h3')), sentinel);
  await Promise.all([
    refused(/not in the layer/, hard('h', sentinel)),
    refused(/comes before it/, hard('h', '/passwd')),
    refused(/leads out/, hard('h', `${up}${sentinel}`)),
    refused(/not in the layer/, link('out', outside), hard('h', 'out/sentinel')),
    refused(/comes before it/, hard('h', 'later'), member({ name: 'later' })),
    refused(/is a directory/, dir('d'), hard('h', 'd')),
    refused(/the entry itself/, member({ name: 'h' }), hard('h', 'h')),
    refused(/comes before it/, hard('h', 'package.json')),
    refused(/is empty/, hard('h', '')),
  ]);
});

test('S-104: names that only look alike are different files', needsRoot, async () => {
  const { diff } = await unpack(...['é', 'e\u0301', 'ß', 'ss', 'SS', 'K', 'k', '\u212a'].map((name) => member({ name, body: name })));
  assert.equal(readdirSync(diff).length, 8);
});

test('S-105: metadata goes to the entry, not through a link', needsRoot, async () => {
  const { diff } = await unpack(
    member({ name: 'f', mode: 0o600, uid: 1 }), member({ name: 'l', type: 'symlink', linkName: 'f', uid: 2, mode: 0o777, modified: { seconds: 5, nanoseconds: 6 } }),
    member({ name: 'out', type: 'symlink', linkName: sentinel, uid: 3, xattrs: { 'user.x': Uint8Array.of(1) } }),
  );
  assert.deepEqual([lstatSync(join(diff, 'f')).uid, lstatSync(join(diff, 'f')).mode & 0o777], [1, 0o600]);
  assert.deepEqual([lstatSync(join(diff, 'l')).uid, lstatSync(join(diff, 'l'), { bigint: true }).mtimeNs], [2, 5_000_000_006n]);
});

test('S-106: whiteouts act inside the layer', needsRoot, async () => {
  const { diff } = await unpack(
    link('etc', '/'), member({ name: 'etc/.wh.gone' }), dir('o'), member({ name: 'o/.wh..wh..opq' }), member({ name: '.wh.kept' }), member({ name: 'kept', body: 'k' }),
    dir('both'), member({ name: '.wh.both' }), member({ name: '.wh.back' }), member({ name: 'back/x' }), link('lo', 'o2'), dir('o2'), member({ name: 'lo/.wh..wh..opq' }),
  );
  const lines = describeTree(diff);
  const line = (name: string): string => lines.find((text) => text.startsWith(`${name} `)) ?? `no ${name}`;
  assert.match(line('gone'), /^gone 020000 0:0 \d+ device 0$/);
  assert.match(line('o'), /trusted\.overlay\.opaque=79/);
  assert.match(line('o2'), /trusted\.overlay\.opaque=79/);
  assert.match(line('both'), /trusted\.overlay\.opaque=79/);
  assert.match(line('back'), /trusted\.overlay\.opaque=79/);
  assert.match(line('kept'), /1:/);
  assert.equal(readlinkSync(join(diff, 'lo')), 'o2');
  await Promise.all([
    refused(/whiteout of no name/, member({ name: '.wh.' })),
    refused(/whiteout of no name/, member({ name: 'a/.wh..' })),
    refused(/whiteout of no name/, member({ name: '.wh...' })),
    refused(/below a whiteout/, member({ name: '.wh.a/b' })),
    refused(/not in the layer/, link('out', outside), member({ name: 'out/.wh.sentinel' })),
  ]);
});

test('S-107: attributes of overlay are left out', needsRoot, async () => {
  const bytes = Buffer.from('y');
  const { diff } = await unpack(member({
    name: 'd', type: 'directory',
    xattrs: {
      'trusted.overlay.redirect': Buffer.from('/etc'), 'trusted.overlay.opaque': bytes, 'trusted.overlay.metacopy': bytes, 'trusted.overlay.origin': bytes,
      'trusted.x': bytes, 'user.overlay.opaque': bytes, 'user.fine': bytes,
    },
  }));
  assert.match(describeTree(diff).find((line) => line.startsWith('d '))!, /^d 040755 0:0 \d+ user\.fine=79$/);
});

test('S-108: bombs are refused', needsRoot, async () => {
  const zeros = gzipSync(new Uint8Array(40 << 20));
  const bomb = Buffer.concat([gzipSync(rawMember({ name: 'z', typeFlag: '0', size: 400 << 20 })), ...Array.from({ length: 10 }, () => zeros)]);
  const limits = { ...LAYER_LIMITS, ratio: 200, ratioFloorBytes: 64 << 20 };
  const entries = archive(...Array.from({ length: 101 }, (_, index) => member({ name: `f${index}` })));
  await Promise.all([
    assert.rejects(unpackTar(root.fresh(), bomb, limits), (error) => isKind(error, 'too-large') && /200 times its compressed size/.test(error.message)),
    assert.rejects(unpackTar(root.fresh(), entries, { ...LAYER_LIMITS, entries: 100 }), (error) => isKind(error, 'too-large')),
    refused(/4503599627370496 bytes, more than/, paxMember({ 'GNU.sparse.map': '0,1', 'GNU.sparse.size': String(2 ** 52) }), member({ name: 's', body: 'x' })),
    refused(/extension header/, rawMember({ typeFlag: 'x', size: 2 ** 30 })),
    refused(/more than 4095 bytes/, paxMember({ path: 'd/'.repeat(4000) }), dir('x')),
    refused(/17592186044416 bytes, more than/, rawMember({ name: 'huge', typeFlag: '0', patch: (block) => { block.fill(0, 124, 136); block[124] = 0x80; block[130] = 0x10; } })),
  ]);
});

test('deep trees, and a deep tree that is replaced', needsRoot, async () => {
  const deep = 'd/'.repeat(1000);
  const { diff } = await unpack(paxMember({ path: `${deep}f` }), member({ name: 'f', body: 'deep' }));
  assert.equal(readFileSync(join(diff, deep, 'f'), 'utf8'), 'deep');
  const replaced = await unpack(paxMember({ path: `${deep}f` }), member({ name: 'f', body: 'deep' }), member({ name: 'd', body: 'flat' }));
  assert.equal(readFileSync(join(replaced.diff, 'd'), 'utf8'), 'flat');
});

test('things of other kinds in the place of each other', needsRoot, async () => {
  const { diff } = await unpack(
    dir('a'), member({ name: 'a/b/c' }), member({ name: 'a', body: 'file' }),
    member({ name: 'f' }), dir('f'), member({ name: 'f/x' }),
    member({ name: 'p', type: 'fifo' }), member({ name: 'p', body: 'not a fifo' }),
    member({ name: 'dev', type: 'block', deviceMajor: 8, deviceMinor: 0 }), member({ name: 'dev', body: 'not a device' }),
  );
  assert.deepEqual(['a', 'f/x', 'p', 'dev'].map((name) => readFileSync(join(diff, name), 'utf8')), ['file', '', 'not a fifo', 'not a device']);
});

test('the root itself can be no link and no file', needsRoot, async () => {
  await refused(/root of the layer|directory by its name/, rawMember({ name: '.', typeFlag: '0', body: 'x' }));
  await refused(/root of the layer/, rawMember({ name: '.', typeFlag: '2', linkName: outside }));
  assert.equal(existsSync(sentinel), true);
});
