import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TarEntry } from './entry.ts';
import { SegmentCursor } from './segment-cursor.ts';

function written(entry: Partial<TarEntry>, pieces: readonly string[]): [string, number][] {
  const cursor = new SegmentCursor(entry as TarEntry);
  const parts: [string, number][] = [];
  for (const piece of pieces) cursor.push(Buffer.from(piece), (part, offset) => parts.push([Buffer.from(part).toString(), offset]));
  return parts;
}

test('a plain file goes in one after another', () => {
  assert.deepEqual(written({ size: 5 }, ['ab', 'cde']), [['ab', 0], ['cde', 2]]);
  assert.deepEqual(new SegmentCursor({ size: 0 } as TarEntry).segments, []);
});

test('a sparse file is cut at its holes, wherever the pieces end', () => {
  const sparse = [{ offset: 10, length: 3 }, { offset: 20, length: 0 }, { offset: 30, length: 2 }];
  assert.deepEqual(written({ size: 32, sparse }, ['abcd', 'e']).filter(([part]) => part !== ''), [['abc', 10], ['d', 30], ['e', 31]]);
});
