import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SeededRandom } from '#base/seeded-random.ts';
import { compressibleRuns } from './_compressible-runs.ts';

const shape = (bytes: Uint8Array): [length: number, isCompressible: boolean][] => compressibleRuns(bytes).map((run) => [run.bytes.length, run.isCompressible]);
const noise = (length: number): Buffer => Buffer.from(new SeededRandom(length).bytes(length));

test('what is compressed already is no more compressed, and all else is', () => {
  const program = readFileSync(process.execPath).subarray(40 << 20, 41 << 20);
  const keptOf = (bytes: Uint8Array): number => compressibleRuns(bytes).filter(({ isCompressible }) => !isCompressible).reduce((sum, run) => sum + run.bytes.length, 0) / bytes.length;
  assert.equal(keptOf(noise(64 << 10)), 1);
  assert.ok(keptOf(gzipSync(program)) > 0.9, String(keptOf(gzipSync(program))));
  const words = Buffer.from(Array.from({ length: 9000 }, (_, index) => `${index} words\n`).join(''));
  const numbers = Buffer.from(new Float64Array(9000).map((_, index) => Math.sqrt(index)).buffer);
  for (const bytes of [program, words, Buffer.alloc(64 << 10), Buffer.from(noise(48 << 10).toString('base64')), Buffer.from(noise(30 << 10).toString('hex')), Buffer.from(words.toString('utf8'), 'utf16le'), numbers]) {
    assert.ok(keptOf(bytes) < 0.05, String(keptOf(bytes)));
  }
});

test('where they alternate each gets its own, but for short ones', () => {
  const text = Buffer.alloc(28 << 10, 'the same again and again\n');
  assert.deepEqual(shape(Buffer.concat([noise(32 << 10), text, noise(32 << 10)])), [[32 << 10, false], [28 << 10, true], [32 << 10, false]]);
  assert.deepEqual(shape(Buffer.concat([text, noise(4096), text])), [[60 << 10, true]]);
  assert.deepEqual(shape(Buffer.concat([noise(8192), Buffer.from('x')])), [[8192, false], [1, true]]);
  assert.deepEqual(shape(new Uint8Array(0)), []);
});

test('where a file begins in a block the one before it ends', () => {
  const text = (length: number): Buffer => Buffer.alloc(length, 'the same again and again\n');
  assert.deepEqual(shape(Buffer.concat([text(6656), noise(28 << 10), text(28 << 10)])), [[6656, true], [28 << 10, false], [28 << 10, true]]);
});

test('a block that looks uneven by chance is no end, and nothing comes twice', () => {
  const bytes = noise(64 << 10);
  for (let sample = 0; sample < 20; sample += 1) bytes[(32 << 10) + 203 * sample] = 7;
  assert.deepEqual(shape(bytes), [[64 << 10, false]]);
});

test('the runs are the bytes', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(20_000), fc.boolean()), { maxLength: 6 }), (parts) => {
    const bytes = Buffer.concat(parts.map(([length, even]) => (even ? randomBytes(length) : Buffer.alloc(length, 7))));
    const runs = compressibleRuns(bytes);
    assert.ok(Buffer.concat(runs.map((run) => run.bytes)).equals(bytes));
    assert.ok(runs.every(({ bytes: { length } }) => length > 0));
  }));
});
