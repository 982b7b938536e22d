import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { bytesToByteString } from '#image/oci/tar/byte-string.ts';
import { decodeFrame, RecipeEncoder, type RecipeRecord } from './recipe.ts';

function encode(records: readonly RecipeRecord[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const encoder = new RecipeEncoder((frame) => frames.push(frame.slice()));
  for (const record of records) {
    if (record.kind === 'verbatim') encoder.verbatim(record.bytes);
    else encoder.content(record.path, record.segments);
  }
  encoder.end();
  return frames;
}

test('records survive', () => {
  const size = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const record = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }).map((bytes): RecipeRecord => ({ kind: 'verbatim', bytes: Uint8Array.from(bytes) })),
    fc.record({
      kind: fc.constant('content' as const),
      path: fc.uint8Array({ minLength: 1, maxLength: 300 }).map(bytesToByteString),
      segments: fc.array(fc.record({ offset: size, length: size }, { noNullPrototype: true })),
    }, { noNullPrototype: true }),
  );
  fc.assert(fc.property(fc.array(record), (records) => {
    assert.deepEqual(encode(records).flatMap((frame) => [...decodeFrame(frame)]), records);
  }));
});

test('long recipes are cut into frames between records', () => {
  const records: RecipeRecord[] = Array.from({ length: 30 }, (_, index) => ({ kind: 'verbatim', bytes: new Uint8Array(100_000 + index).fill(index) }));
  const frames = encode(records);
  assert.ok(frames.length > 1 && frames.every(({ length }) => length < 1_300_000));
  assert.deepEqual(frames.flatMap((frame) => [...decodeFrame(frame)]), records);
});

test('a damaged frame is found', () => {
  const [frame] = encode([{ kind: 'verbatim', bytes: new Uint8Array(100) }]);
  for (const damaged of [frame!.subarray(0, 50), Uint8Array.of(9), Uint8Array.of(1), Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255, 255, 255)]) {
    assert.throws(() => [...decodeFrame(damaged)], (error) => isKind(error, 'internal'));
  }
});
