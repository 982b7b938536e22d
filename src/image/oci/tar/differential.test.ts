import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { concatBytes } from '#base/bytes.ts';
import { isKind } from '#base/error.ts';
import { bytesToByteString, byteStringToBytes, textToByteString, type ByteString } from './byte-string.ts';
import { archive, asGnu, gnuLong, member, paxMember, rawMember } from './forge.ts';
import { setChecksum } from './header.ts';
import { TarReader } from './reader.ts';

const PYTHON = '/usr/bin/python3';
const skip = spawnSync(PYTHON, ['-c', 'import tarfile']).status === 0 ? false : 'needs Python with tarfile';
const MUTANTS = 1000;

/** What Python's tarfile sees in each file of a directory: null where it refuses. */
const READ = `
import json, os, sys, tarfile
out = []
for index in range(int(sys.argv[2])):
    try:
        with tarfile.open(os.path.join(sys.argv[1], str(index)), 'r:', encoding='latin1', errorlevel=2) as t:
            out.append([[m.type.decode('latin1'), m.name, m.linkname, m.size if m.isreg() else 0, m.uid] for m in t])
    except Exception as e:
        out.append(None)
json.dump(out, sys.stdout)
`;

const TYPES = { file: '0', hardlink: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' } as const;

function seeds(): Uint8Array[] {
  return [
    concatBytes([member({ name: 'a', body: 'x'.repeat(700) }), member({ name: 'd/', type: 'directory' }), member({ name: 'l', type: 'symlink', linkName: 'a' }), member({ name: 'h', type: 'hardlink', linkName: 'a' })]),
    concatBytes([paxMember({ path: 'pax', uid: '77', size: '5' }), rawMember({ name: 'x', typeFlag: '0', body: '12345' }), member({ name: 'z' })]),
    concatBytes([gnuLong('L', 'n'.repeat(130)), rawMember({ name: 'n'.repeat(99), typeFlag: '0', body: 'y', patch: asGnu }), gnuLong('K', 't'.repeat(130)), rawMember({ name: 's', typeFlag: '2', linkName: 't', patch: asGnu })]),
    concatBytes([paxMember({ uid: '5', comment: 'c' }, 'g'), member({ name: 'g1' }), paxMember({ linkpath: 'other' }), member({ name: 'l', type: 'symlink', linkName: 'x' })]),
    concatBytes([rawMember({ prefix: 'p'.repeat(150), name: 'q'.repeat(90), typeFlag: '0', body: 'z'.repeat(512) }), member({ name: 'last', body: '1' })]),
  ].map((members) => archive(members));
}

/** The same mutants every time. */
function mutate(source: Uint8Array, random: () => number): Uint8Array {
  const bytes = source.slice();
  const block = Math.floor(random() * (bytes.length / 512)) * 512;
  for (let count = 1 + Math.floor(random() * 2); count > 0; count -= 1) {
    const values = [0, 0x20, 0x2f, 0x2e, 0x30, 0x31, 0x37, 0x38, 0x39, 0x78, 0x67, 0x4c, 0x80, 0xff, Math.floor(random() * 256)];
    bytes[block + Math.floor(random() * 512)] = values[Math.floor(random() * values.length)]!;
  }
  // Most changes would only break the checksum, and nothing behind it would be tested.
  if (random() < 0.9) setChecksum(bytes.subarray(block, block + 512));
  return bytes;
}

function ours(bytes: Uint8Array): unknown[] | null {
  const entries: unknown[] = [];
  const reader = new TarReader({
    raw: () => undefined,
    entry: ({ type, name, linkName, size, uid }) => { entries.push([TYPES[type], name.replace(/\/+$/, ''), linkName, size, uid]); },
    data: () => undefined,
    entryEnd: () => undefined,
  });
  try {
    reader.push(bytes);
    reader.end();
  } catch (error) {
    assert.ok(isKind(error, 'invalid', 'too-large'), String(error));
    return null;
  }
  return entries;
}

test('S-111: a mutated archive means the same to Python, or is refused by one of the two', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-mutants-'));
  try {
    let state = 12345;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const sources = seeds();
    const mutants = Array.from({ length: MUTANTS }, (_, index) => mutate(sources[index % sources.length]!, random));
    mutants.forEach((bytes, index) => writeFileSync(join(directory, String(index)), bytes));
    const theirs = JSON.parse(execFileSync(PYTHON, ['-c', READ, directory, String(MUTANTS)], { maxBuffer: 1 << 28 }).toString()) as (unknown[][] | null)[];
    const differences: string[] = [];
    let accepted = 0;
    mutants.forEach((bytes, index) => {
      const mine = ours(bytes);
      if (mine === null) return;
      accepted += 1;
      const other = theirs[index];
      if (other === null) return;
      const normal = other!.map(([type, name, link, size, uid]) => [
        type === '\0' || type === '7' ? '0' : type, stripped(name as string), type === '1' || type === '2' ? utf8(link as string) : '', size, uid,
      ]);
      // Python ends its list without a word where a later header is damaged, and takes the times of GNU headers for a prefix.
      const endedEarly = normal.length < mine.length && JSON.stringify(normal) === JSON.stringify(mine.slice(0, normal.length));
      if (endedEarly || hasGnuTimes(bytes)) return;
      if (JSON.stringify(normal) !== JSON.stringify(mine)) differences.push(`${index}: ${JSON.stringify(mine).slice(0, 400)}\n   Python: ${JSON.stringify(normal).slice(0, 400)}`);
    });
    assert.ok(accepted > MUTANTS / 10, `only ${accepted} mutants were accepted`);
    assert.deepEqual(differences, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

function hasGnuTimes(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 512) {
    const isGnu = Buffer.from(bytes.subarray(at + 257, at + 265)).toString() === 'ustar  \0';
    if (isGnu && bytes.subarray(at + 345, at + 500).some((byte) => byte !== 0)) return true;
  }
  return false;
}

function stripped(name: string): string {
  return utf8(name).replace(/\/+$/, '');
}

/** Python decodes PAX values as UTF-8 and header fields as told: both come back to bytes. */
function utf8(text: string): ByteString {
  return [...text].some((character) => character.codePointAt(0)! > 255) ? textToByteString(text) : bytesToByteString(byteStringToBytes(text as ByteString));
}
