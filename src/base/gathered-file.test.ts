import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatheredFile } from './gathered-file.ts';

const MIB = 1 << 20;

/** A file in memory that takes at most so many bytes at a time, and fails where it is told to. */
function memoryFile(most: number, failsAt = Infinity) {
  const bytes = Buffer.alloc(8 * MIB);
  const writes: number[] = [];
  return {
    bytes, writes,
    write: async (from: Uint8Array, offset: number, length: number, position: number) => {
      if (position >= failsAt) throw new Error('disk full');
      const size = Math.min(most, length);
      bytes.set(from.subarray(offset, offset + size), position);
      writes.push(size);
      return { bytesWritten: size };
    },
  };
}

test('small pieces become large writes, in order, wherever the file begins', async () => {
  const file = memoryFile(700_000);
  const seen: Uint8Array[] = [];
  const gathered = new GatheredFile(file, 10, (written) => seen.push(written.slice()));
  const source = Buffer.from(Array.from({ length: 3 * MIB + 5 }, (_, index) => index % 251));
  for (let at = 0; at < source.length; at += 60_001) await gathered.put(source.subarray(at, at + 60_001));
  assert.equal(gathered.end, 10 + source.length);
  await gathered.flush();
  assert.ok(file.bytes.subarray(10, 10 + source.length).equals(source));
  assert.ok(Buffer.concat(seen).equals(source));
  assert.ok(file.writes.length < 10, String(file.writes));
  await gathered.flush();
  assert.equal(file.writes.reduce((sum, size) => sum + size), source.length, 'nothing twice');
});

test('an error of a write comes out with what is put next, or with the end', async () => {
  const seen: number[] = [];
  const gathered = new GatheredFile(memoryFile(MIB, MIB), 0, ({ length }) => seen.push(length));
  await gathered.put(Buffer.alloc(MIB));
  await gathered.put(Buffer.alloc(MIB));
  await assert.rejects(async () => gathered.put(Buffer.alloc(MIB)), /disk full/);
  const last = new GatheredFile(memoryFile(MIB, 0), 0);
  void last.put(Buffer.alloc(5));
  await assert.rejects(last.flush(), /disk full/);
  assert.deepEqual(seen, [MIB], 'only what is in the file');
});
