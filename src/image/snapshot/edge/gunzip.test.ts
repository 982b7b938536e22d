import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { isKind } from '#base/error.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { Gunzip, type Read } from './_gunzip.ts';

const PIECE = 256 << 10;
const random = new SeededRandom(4);
const text = (bytes: number): Buffer => Buffer.from('so much of the same '.repeat(Math.ceil(bytes / 20)).slice(0, bytes));
const noise = (bytes: number): Buffer => Buffer.from(random.bytes(bytes));

/** Gives the bytes in portions of these sizes, in turn. */
function portions(bytes: Uint8Array, sizes: readonly number[]): Read {
  let [at, turn] = [0, 0];
  return (into) => {
    const part = bytes.subarray(at, at + Math.min(into.length, sizes[turn % sizes.length]!));
    turn += 1;
    at += part.length;
    into.set(part);
    return part.length;
  };
}

function inflated(bytes: Uint8Array, sizes: readonly number[] = [PIECE], head = 0): { bytes: Buffer; checksum: number } {
  const gunzip = new Gunzip(bytes.subarray(0, head), portions(bytes.subarray(head), sizes));
  const pieces = [...(function* () { for (const piece of gunzip.pieces()) yield Buffer.from(piece); })()];
  return { bytes: Buffer.concat(pieces), checksum: gunzip.checksum };
}

test('members of all sizes, however they come, and the checksum of all together', () => {
  const contents = [Buffer.alloc(0), text(1), text(PIECE), noise(PIECE), text(2 * PIECE), text(3 * PIECE + 7), noise(PIECE + 1)];
  const cases = [...contents.map((content) => [content]), contents, [contents[2]!, contents[2]!], [contents[0]!, contents[0]!, contents[1]!]];
  for (const parts of cases) {
    const whole = Buffer.concat(parts);
    const packed = Buffer.concat(parts.map((part) => gzipSync(part)));
    for (const sizes of [[PIECE], [1000], [1, 70_000, 3]]) {
      const out = inflated(packed, sizes, Math.min(6, packed.length));
      assert.ok(out.bytes.equals(whole), `${parts.map(({ length }) => length)} by ${sizes}`);
      assert.equal(out.checksum, crc32(whole));
    }
  }
});

test('zeros after the last member, and what follows them, are no data', () => {
  const packed = gzipSync(text(5000));
  for (const padding of [Buffer.alloc(1), Buffer.alloc(700), Buffer.concat([Buffer.alloc(3), gzipSync('more')])]) {
    for (const sizes of [[PIECE], [packed.length, 1], [1]]) assert.ok(inflated(Buffer.concat([packed, padding]), sizes).bytes.equals(text(5000)));
  }
});

test('an end anywhere before the end is told', () => {
  const packed = Buffer.concat([gzipSync(text(300)), gzipSync(noise(40))]);
  const first = gzipSync(text(300)).length;
  for (let length = 0; length < packed.length; length += 1) {
    if (length === first) continue;
    assert.throws(() => inflated(packed.subarray(0, length)), (error) => isKind(error, 'invalid') && /ends too early: unexpected end of file/.test(error.message), String(length));
  }
});

test('what is damaged is refused with the words of zlib, or means the same as to Node', () => {
  const flipped = (at: number): Buffer => {
    const bytes = gzipSync(noise(64));
    bytes[bytes.length + at]! ^= 1;
    return bytes;
  };
  assert.throws(() => inflated(flipped(-8)), { kind: 'invalid', message: /damaged or ends too early: incorrect data check/ });
  assert.throws(() => inflated(flipped(-4)), { kind: 'invalid', message: /: incorrect length check/ });
  const packed = Buffer.concat([gzipSync(text(900)), gzipSync(noise(100)), Buffer.alloc(9)]);
  for (let round = 0; round < 600; round += 1) {
    const bytes = Buffer.from(packed);
    const [at = 0, high = 0, value = 0] = random.bytes(3);
    bytes[(at + (high << 8)) % bytes.length] = value;
    const outcome = (work: () => Buffer): string => {
      try { return work().toString('latin1'); } catch { return 'refused'; }
    };
    assert.equal(outcome(() => inflated(bytes, [1 + (value % 50)]).bytes), outcome(() => gunzipSync(bytes)), `round ${round}`);
  }
});
