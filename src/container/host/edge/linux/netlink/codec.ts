import { concatBytes } from '#base/bytes.ts';

/**
 * Netlink messages as values (netlink(7), rtnetlink(7)). Pure. Numbers are in the machine's byte order, which is little
 * endian on every machine that we run on; addresses are in network order.
 */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the 16-byte header: a family's fixed part, then attributes. */
  readonly body: Uint8Array;
}

export const MESSAGE = { error: 2, done: 3 } as const;

export const FLAG = {
  request: 0x01,
  multi: 0x02,
  ack: 0x04,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  /** On an answer: the kernel repeated only the header of the request. */
  capped: 0x100,
  /** On an answer: attributes of an extended acknowledgement follow. */
  explained: 0x200,
} as const;

const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** The upper two bits of an attribute's type say "nested" and "network order". */
const TYPE_MASK = 0x3fff;
const NESTED = 0x8000;

export function encodeMessage(message: NetlinkMessage): Uint8Array<ArrayBuffer> {
  const length = HEADER_BYTES + message.body.length;
  const bytes = new Uint8Array(align(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, message.type, true);
  view.setUint16(6, message.flags, true);
  view.setUint32(8, message.sequence, true);
  bytes.set(message.body, HEADER_BYTES);
  return bytes;
}

/** All messages of a datagram. A rest that is no whole message is left out. */
export function decodeMessages(bytes: Uint8Array): readonly NetlinkMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.subarray(at + HEADER_BYTES, at + length),
    });
    at += align(length);
  }
  return messages;
}

export function attribute(type: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = ATTRIBUTE_HEADER_BYTES + value.length;
  const bytes = new Uint8Array(align(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, true);
  view.setUint16(2, type, true);
  bytes.set(value, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

export function nested(type: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return attribute(type | NESTED, concat(...parts));
}

/** By type, without its flag bits. Of a repeated one, the last counts. */
export function decodeAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = new Map<number, Uint8Array>();
  let at = 0;
  while (at + ATTRIBUTE_HEADER_BYTES <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) break;
    attributes.set(view.getUint16(at + 2, true) & TYPE_MASK, bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length));
    at += align(length);
  }
  return attributes;
}

/** An answer of type `error`: an errno of 0 is success. */
export interface Acknowledgement {
  readonly errno: number;
  /** The kernel's own words, where it has some. */
  readonly text: string | undefined;
}

const EXTENDED = { message: 1 } as const;

export function decodeAcknowledgement(message: NetlinkMessage): Acknowledgement {
  const { body } = message;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const errno = Math.abs(view.getInt32(0, true));
  if ((message.flags & FLAG.explained) === 0) return { errno, text: undefined };
  // The request's header follows the errno, with the rest of the request unless capped.
  const repeated = (message.flags & FLAG.capped) !== 0 ? HEADER_BYTES : align(view.getUint32(4, true));
  const text = decodeAttributes(body.subarray(4 + repeated)).get(EXTENDED.message);
  return { errno, text: text === undefined ? undefined : textOf(text) };
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(parts);
}

export function u8(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value);
}

export function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

export function u16(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value, true);
  return bytes;
}

export function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

export function u32Of(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

/** Everything starts at a multiple of four. */
function align(length: number): number {
  return (length + 3) & ~3;
}
