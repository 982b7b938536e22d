import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataPacketOf } from './data-packet.ts';
import { joined } from './grpc.ts';
import { encode } from './protobuf.ts';
import { PACKET, PACKET_TYPE } from './session.ts';

const data = Uint8Array.from({ length: 300 }, (_, index) => index % 251);
const cut = (bytes: Uint8Array, ...at: readonly number[]): Uint8Array[] => [0, ...at].map((from, index) => bytes.subarray(from, at[index]));

test('the data of a packet is what it is, wherever the packet was cut', () => {
  for (const id of [0, 1, 127, 128, 4_000_000]) {
    const bytes = encode(PACKET, { type: PACKET_TYPE.data, id, data });
    for (const pieces of [[bytes], cut(bytes, 12), cut(bytes, 100, 200), cut(bytes, bytes.length - data.length)]) {
      const packet = dataPacketOf(pieces);
      assert.deepEqual([packet?.id, joined(packet?.pieces ?? [])], [id, data], `${id} in ${pieces.length}`);
    }
  }
});

test('all else is left to be decoded', () => {
  const bytes = encode(PACKET, { type: PACKET_TYPE.data, id: 7, data });
  for (const pieces of [
    [], [encode(PACKET, { type: PACKET_TYPE.stat })], [encode(PACKET, { type: PACKET_TYPE.data, id: 7 })], [encode(PACKET, { type: PACKET_TYPE.error, data })],
    // Cut within the head, with more behind the data, with less than it says, with an id that is too long.
    cut(bytes, 3), [bytes, Uint8Array.of(0x18, 1)], [bytes.subarray(0, -1)], [Uint8Array.of(8, 2, 0x18, 0xff, 0xff, 0xff, 0xff, 1, 0x22, 0)],
  ]) assert.equal(dataPacketOf(pieces), undefined);
});
