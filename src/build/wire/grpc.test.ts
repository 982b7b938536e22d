import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '#base/bytes.ts';
import { FrameReader, frameHead } from './grpc.ts';

test('messages are the same wherever the stream is cut', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (messages, cuts) => {
    const stream = concatBytes(messages.flatMap((message) => [frameHead(message.length), message]));
    const reader = new FrameReader(64);
    const read: Uint8Array[] = [];
    for (let at = 0, turn = 0; at < stream.length; turn += 1) {
      const end = at + (cuts[turn % cuts.length] as number);
      for (const message of reader.push(stream.subarray(at, end))) read.push(Uint8Array.from(message));
      at = end;
    }
    assert.deepEqual(read.map((bytes) => [...bytes]), messages.map((bytes) => [...bytes]));
  }));
});

test('what is compressed or too large is refused', () => {
  const push = (head: Uint8Array): Uint8Array[] => [...new FrameReader(64).push(head)];
  assert.throws(() => push(Uint8Array.of(1, 0, 0, 0, 0)), /compressed gRPC messages are not supported/);
  assert.throws(() => push(frameHead(65)), /a gRPC message of 65 bytes is larger than 64/);
});
