import { PACKET_TYPE } from './session.ts';

/** A part of a file, in the pieces that it came in. */
export interface DataPacket {
  readonly id: number;
  readonly pieces: readonly Uint8Array[];
}

const TAG = { type: 0x08, id: 0x18, data: 0x22 } as const;

/**
 * An fsutil packet of type DATA, without a copy of what it carries. Undefined for every other, and for one that is written in
 * another way than Go's encoder does it, which has the data at the end: that one is to be decoded.
 */
export function dataPacketOf(pieces: readonly Uint8Array[]): DataPacket | undefined {
  const head = pieces[0];
  if (head === undefined || head[0] !== TAG.type || head[1] !== PACKET_TYPE.data) return undefined;
  const id = head[2] === TAG.id ? varint(head, 3) : { value: 0, end: 2 };
  if (id === undefined || head[id.end] !== TAG.data) return undefined;
  const length = varint(head, id.end + 1);
  if (length === undefined || pieces.reduce((sum, piece) => sum + piece.length, 0) !== length.end + length.value) return undefined;
  const first = head.subarray(length.end);
  return { id: id.value, pieces: first.length === 0 ? pieces.slice(1) : [first, ...pieces.slice(1)] };
}

/** Undefined where it does not end in the first piece, or is larger than any id or length here. */
function varint(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}
