import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '#base/seeded-random.ts';
import { FrameReader, OPCODE, webSocketFrame, type FrameEvent } from './websocket-frames.ts';

/** A client's frame: the server's, with a mask. */
function masked(opcode: number, payload: Uint8Array, isLast = true): Uint8Array {
  const plain = webSocketFrame(opcode, payload);
  const head = plain.length - payload.length;
  const mask = Uint8Array.of(1, 2, 3, 4);
  const frame = new Uint8Array(plain.length + 4);
  frame.set(plain.subarray(0, head));
  frame[0] = (plain[0] ?? 0) & (isLast ? 0xff : 0x7f);
  frame[1] = (plain[1] ?? 0) | 0x80;
  frame.set(mask, head);
  payload.forEach((byte, at) => { frame[head + 4 + at] = byte ^ (mask[at % 4] ?? 0); });
  return frame;
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const dataOf = (events: readonly FrameEvent[]): number[] => events.flatMap((event) => (event.kind === 'data' ? [...event.bytes] : []));

test('payload comes through whole however the bytes are cut', () => {
  const random = new SeededRandom(7);
  for (let run = 0; run < 200; run++) {
    const payloads = Array.from({ length: 1 + random.below(4) }, () => random.bytes(random.below(run % 10 === 0 ? 70_000 : 300)));
    const bytes = concat(payloads.map((payload) => masked(OPCODE.binary, payload)));
    const reader = new FrameReader();
    const events: FrameEvent[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = 1 + random.below(run % 2 === 0 ? 5000 : 9);
      events.push(...reader.push(bytes.subarray(at, at + size)));
      at += size;
    }
    assert.deepEqual(dataOf(events), [...concat(payloads)], `run ${run}`);
  }
});

test('control frames come between the parts of a message', () => {
  const events = new FrameReader().push(concat([masked(OPCODE.text, Uint8Array.of(1), false), masked(OPCODE.ping, Uint8Array.of(9)), masked(OPCODE.continuation, Uint8Array.of(2)), masked(OPCODE.close, new Uint8Array())]));
  assert.deepEqual(events.map(({ kind }) => kind), ['data', 'ping', 'data', 'close']);
  assert.deepEqual(dataOf(events), [1, 2]);
});

test('what no client may send is refused', () => {
  const refused = (frame: Uint8Array): void => assert.throws(() => new FrameReader().push(frame), { kind: 'invalid' });
  refused(webSocketFrame(OPCODE.binary, new Uint8Array(10)));
  refused(masked(OPCODE.continuation, Uint8Array.of(1)));
  refused(masked(OPCODE.ping, new Uint8Array(126)));
  refused(masked(3, Uint8Array.of(1)));
  refused(masked(11, Uint8Array.of(1)));
  refused(concat([masked(OPCODE.text, Uint8Array.of(1), false), masked(OPCODE.text, Uint8Array.of(1))]));
  refused(masked(OPCODE.ping, Uint8Array.of(1), false));
});
