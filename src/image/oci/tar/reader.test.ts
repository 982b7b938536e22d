import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync, writeSync, openSync, closeSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '#base/bytes.ts';
import { isKind, type ErrorKind } from '#base/error.ts';
import { byteStringToText, type ByteString } from './byte-string.ts';
import type { TarEntry } from './entry.ts';
import { archive, asGnu, gnuLong, member, paxMember, rawMember } from './forge.ts';
import { TarReader } from './reader.ts';

interface Read { entries: (TarEntry & { body: Buffer })[]; verbatim: Buffer }

function read(bytes: Uint8Array, chunk = bytes.length || 1): Read {
  const entries: { entry: TarEntry; body: Buffer[] }[] = [];
  const verbatim: Buffer[] = [];
  const reader = new TarReader({
    raw: (part) => { verbatim.push(Buffer.from(part)); },
    entry: (entry) => { entries.push({ entry, body: [] }); },
    data: (part) => { verbatim.push(Buffer.from(part)); entries.at(-1)!.body.push(Buffer.from(part)); },
    entryEnd: () => undefined,
  });
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk));
  reader.end();
  return { entries: entries.map(({ entry, body }) => ({ ...entry, body: Buffer.concat(body) })), verbatim: Buffer.concat(verbatim) };
}

function names(bytes: Uint8Array): string[] {
  return read(bytes).entries.map(({ name }) => byteStringToText(name));
}

function refuses(bytes: Uint8Array, message: RegExp, kind: ErrorKind = 'invalid'): void {
  assert.throws(() => read(bytes), (error) => isKind(error, kind) && message.test(error.message));
}

const capability = Uint8Array.from([1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

test('reads back what the writer writes', () => {
  const long = `${'d'.repeat(90)}/${'e'.repeat(120)}/${'f'.repeat(60)}`;
  const bytes = archive(
    member({ name: 'etc/', type: 'directory', mode: 0o1777, uid: 5, gid: 3_000_000 }),
    member({ name: 'etc/a', body: 'hello', mode: 0o4755, modified: { seconds: 12, nanoseconds: 345_000_000 }, xattrs: { 'security.capability': capability, 'user.x': new Uint8Array(0) } }),
    member({ name: long, body: 'x'.repeat(1025) }),
    member({ name: 'link', type: 'symlink', linkName: 't'.repeat(300) }),
    member({ name: 'null', type: 'character', deviceMajor: 1, deviceMinor: 3 }),
    member({ name: 'old', modified: { seconds: -5, nanoseconds: 250_000_000 } }),
  );
  const { entries } = read(bytes);
  assert.deepEqual(entries.map(({ name }) => name), ['etc/', 'etc/a', long, 'link', 'null', 'old']);
  assert.deepEqual([entries[0]!.mode, entries[0]!.uid, entries[0]!.gid], [0o1777, 5, 3_000_000]);
  assert.equal(entries[1]!.body.toString(), 'hello');
  assert.deepEqual(entries[1]!.modified, { seconds: 12, nanoseconds: 345_000_000 });
  assert.deepEqual(entries[1]!.xattrs.get('security.capability' as ByteString), capability);
  assert.equal(entries[1]!.xattrs.get('user.x' as ByteString)!.length, 0);
  assert.equal(entries[3]!.linkName.length, 300);
  assert.deepEqual([entries[4]!.type, entries[4]!.deviceMajor, entries[4]!.deviceMinor], ['character', 1, 3]);
  assert.deepEqual(entries[5]!.modified, { seconds: -5, nanoseconds: 250_000_000 });
});

test('never depends on how the bytes are cut, and passes all of them on', () => {
  const bytes = concatBytes([archive(
    paxMember({ path: 'p'.repeat(700), 'SCHILY.xattr.user.a': 'b' }), member({ name: 'x', body: 'y'.repeat(600) }),
    gnuLong('L', 'q'.repeat(300)), member({ name: 'z', body: '1' }), member({ name: 'd/', type: 'directory' }),
  ), new Uint8Array(3000).fill(7)]);
  const whole = read(bytes);
  assert.deepEqual(whole.verbatim, Buffer.from(bytes));
  fc.assert(fc.property(fc.integer({ min: 1, max: 2000 }), (chunk) => {
    assert.deepEqual(read(bytes, chunk), whole);
  }), { numRuns: 60 });
});

test('reads the archives of GNU tar in all its formats', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-tar-'));
  try {
    mkdirSync(join(directory, 'in'));
    const deep = join('in', 'n'.repeat(120), 'm'.repeat(120));
    mkdirSync(join(directory, deep), { recursive: true });
    writeFileSync(join(directory, deep, 'file'), 'deep');
    writeFileSync(join(directory, 'in', 'ünïcode'), 'u');
    writeSparse(join(directory, 'in', 'sparse'));
    for (const format of ['gnu', 'oldgnu', 'posix', 'posix --sparse-version=0.0', 'posix --sparse-version=0.1', 'posix --sparse-version=1.0']) {
      const out = execFileSync('tar', ['-S', ...`--format=${format}`.split(' '), '-cf', '-', 'in'], { cwd: directory, maxBuffer: 1 << 26 });
      const result = read(out, 1000);
      assert.deepEqual(result.verbatim, out, format);
      const byName = new Map(result.entries.map((entry) => [byteStringToText(entry.name), entry]));
      assert.equal(byName.get(`${deep}/file`)?.body.toString(), 'deep', format);
      assert.equal(byName.get('in/ünïcode')?.body.toString(), 'u', format);
      const sparse = byName.get('in/sparse')!;
      assert.equal(sparse.size, 50 << 20, format);
      assert.equal(sparse.body.includes('BEGIN') && sparse.body.includes('END'), true, format);
      assert.equal(sparse.sparse!.reduce((sum, { length }) => sum + length, 0), sparse.body.length, format);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** More runs than an old GNU header and one extension block hold. */
function writeSparse(path: string): void {
  const file = openSync(path, 'w');
  for (let index = 0; index < 40; index += 1) writeSync(file, index === 0 ? 'BEGIN' : 'middle', index * (1 << 20));
  writeSync(file, 'END', 45 << 20);
  closeSync(file);
  truncateSync(path, 50 << 20);
}

test('global PAX headers count for all entries that follow, local ones for one', () => {
  const { entries } = read(archive(
    paxMember({ uid: '77', comment: 'c' }, 'g'), member({ name: 'a' }), paxMember({ uid: '88' }), member({ name: 'b' }), member({ name: 'c' }),
  ));
  assert.deepEqual(entries.map(({ uid }) => uid), [77, 88, 77]);
});

test('V7 headers: no magic, and a slash makes a directory', () => {
  const v7 = (block: Uint8Array): void => { block.fill(0, 257, 512); };
  const { entries } = read(archive(rawMember({ name: 'd/', typeFlag: '\0', patch: v7 }), rawMember({ name: 'f', typeFlag: '\0', body: 'x', patch: v7 })));
  assert.deepEqual(entries.map(({ type }) => type), ['directory', 'file']);
});

test('the size of entries without content is not followed by content', () => {
  const { entries } = read(archive(
    rawMember({ name: 'd', typeFlag: '5', size: 4096 }), rawMember({ name: 'l', typeFlag: '1', linkName: 'd', size: 99 }), member({ name: 'x', body: 'y' }),
  ));
  assert.deepEqual(entries.map(({ type, size }) => [type, size]), [['directory', 0], ['hardlink', 0], ['file', 1]]);
});

test('an archive may end without its end marker, but not inside an entry', () => {
  const whole = member({ name: 'x', body: 'y'.repeat(600) });
  assert.deepEqual(names(whole), ['x']);
  assert.deepEqual(names(whole.subarray(0, 512 + 600)), ['x']);
  assert.deepEqual(names(new Uint8Array(0)), []);
  for (const length of [1, 511, 512, 513, 512 + 599]) refuses(whole.subarray(0, length), /truncated/);
  refuses(paxMember({ path: 'x' }), /truncated/);
  refuses(archive(paxMember({ path: 'x' })), /followed by the end/);
});

test('refuses what readers understand in different ways', () => {
  const file = member({ name: 'x' });
  refuses(archive(gnuLong('L', 'a'), paxMember({ path: 'b' }), file), /both name the entry/);
  refuses(archive(gnuLong('K', 'a'), paxMember({ linkpath: 'b' }), member({ name: 'l', type: 'symlink', linkName: 'c' })), /both name/);
  refuses(archive(paxMember({ path: 'a' }), paxMember({ path: 'b' }), file), /two extension headers/);
  refuses(archive(paxMember({ path: 'a' }, 'g'), file), /global PAX header sets path/);
  refuses(archive(paxMember({ size: '5' }, 'g'), file), /global/);
  refuses(archive(rawMember({ name: 'd/', typeFlag: '0', body: 'x' })), /directory by its name/);
  refuses(archive(rawMember({ typeFlag: 'M' })), /unsupported type "M"/);
  refuses(concatBytes([file, new Uint8Array(512), file]), /single block of zeros/);
  refuses(archive(rawMember({ typeFlag: '0', prefix: 'p', patch: (block) => { block[262] = 0x67; } })), /no known format/);
  refuses(archive(rawMember({ typeFlag: '0', prefix: 'p', patch: asGnu })), /no known format/);
});

test('refuses malformed headers', () => {
  const file = member({ name: 'x', body: 'y' });
  const flipped = file.slice();
  flipped[0] = 0x7a;
  refuses(archive(flipped), /checksum/);
  const octal = (at: number, text: string) => (block: Uint8Array): void => { block.set(Buffer.from(text), at); };
  refuses(archive(rawMember({ typeFlag: '0', patch: octal(124, '00000000008\0') })), /octal/);
  // Base-256: minus one, and 2^63.
  refuses(archive(rawMember({ typeFlag: '0', patch: (block) => { block.fill(0xff, 124, 136); } })), /negative size/);
  refuses(archive(rawMember({ typeFlag: '0', patch: (block) => { block.fill(0, 124, 136); block[124] = 0x80; block[128] = 0x80; } })), /2\^53/);
  refuses(archive(rawMember({ typeFlag: '0', patch: (block) => { block.fill(0xff, 108, 116); } })), /not a user/);
  refuses(archive(rawMember({ typeFlag: 'x', body: '9 a=b\n' }), file), /wrong length/);
  refuses(archive(rawMember({ typeFlag: 'x', body: '6 a=b' }), file), /wrong length/);
  refuses(archive(rawMember({ typeFlag: 'x', body: '5 ab\n' }), file), /no key/);
  refuses(archive(paxMember({ size: '-1' }), file), /not a number/);
  refuses(archive(paxMember({ path: 'a\0b' }), file), /NUL/);
  refuses(archive(paxMember({ uid: '4294967295' }), file), /not a user/);
});

test('extension headers are bounded', () => {
  refuses(archive(rawMember({ typeFlag: 'x', size: 2 ** 30 })), /extension header has 1073741824 bytes/, 'too-large');
  refuses(archive(rawMember({ typeFlag: 'L', size: 100_000, patch: asGnu })), /extension header/, 'too-large');
});

test('refuses sparse maps that do not fit', () => {
  const sparse = (map: string, size: number, body: string): Uint8Array =>
    archive(paxMember({ 'GNU.sparse.map': map, 'GNU.sparse.size': String(size), 'GNU.sparse.numblocks': '1' }), member({ name: 's', body }));
  assert.equal(read(sparse('5,2,100,0', 100, 'ab')).entries[0]!.size, 100);
  refuses(sparse('5,3', 100, 'ab'), /describes 3 bytes of data, 2 are there/);
  refuses(sparse('99,2', 100, 'ab'), /pass the end/);
  refuses(sparse('5,1,5,1', 100, 'ab'), /overlap/);
  refuses(sparse('5', 100, 'ab'), /no length/);
  refuses(sparse('9223372036854775807,2', 100, 'ab'), /2\^53/);
  const one = (map: string): Uint8Array => archive(
    paxMember({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '100', 'GNU.sparse.name': 's' }), member({ name: 'x', body: map }),
  );
  refuses(one('300000\n'.padEnd(512, '\0')), /more than 262144 runs/, 'too-large');
  refuses(one('9\n'.padEnd(512, '0')), /does not end/);
  refuses(one('x'.padEnd(512, 'x')), /does not begin with a count/);
  refuses(archive(paxMember({ 'GNU.sparse.major': '1' }), member({ name: 'x' })), /without its size/);
});

test('never throws anything but GantryError on noise', () => {
  const base = archive(paxMember({ path: 'p', mtime: '1.5' }), member({ name: 'x', body: 'y' }), gnuLong('L', 'n'), member({ name: 'd/', type: 'directory' }));
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
    const bytes = base.slice();
    for (const [at, value] of changes) bytes[at] = value;
    try {
      read(bytes, 700);
    } catch (error) {
      assert.ok(isKind(error, 'invalid', 'too-large'), String(error));
    }
  }), { numRuns: 500 });
});
