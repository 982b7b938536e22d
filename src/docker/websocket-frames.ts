import { GantryError } from '#base/error.ts';

/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type FrameEvent =
  /** A piece of a message's payload, as it came; where messages end does not matter to a stream. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

const LARGEST_CONTROL = 125;
const MASK_BYTES = 4;

interface Frame {
  readonly opcode: number;
  readonly mask: Uint8Array;
  readonly length: number;
  /** Payload bytes so far. */
  seen: number;
}

/** A server's frame, unmasked and whole (RFC 6455, section 5.1). */
export function webSocketFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + extra + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = extra === 0 ? length : extra === 2 ? 126 : 127;
  if (extra === 2) view.setUint16(2, length);
  if (extra === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, 2 + extra);
  return frame;
}

/** Reads a client's frames from chunks of any size. Payload is passed on as it comes: a frame may be larger than memory. */
export class FrameReader {
  #head: Uint8Array = new Uint8Array();
  #frame: Frame | undefined;
  #control: number[] = [];
  #inMessage = false;

  /** @throws GantryError invalid for what no client may send */
  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    let rest = chunk;
    for (;;) {
      if (this.#frame === undefined) {
        const joined = join(this.#head, rest);
        const read = this.#readHead(joined);
        if (read === undefined) {
          this.#head = joined;
          return events;
        }
        this.#head = new Uint8Array();
        rest = joined.subarray(read);
      }
      const frame = this.#frame as unknown as Frame;
      const part = rest.subarray(0, frame.length - frame.seen);
      rest = rest.subarray(part.length);
      this.#payload(frame, unmask(part, frame), events);
      if (frame.seen < frame.length) return events;
      this.#frame = undefined;
    }
  }

  #readHead(bytes: Uint8Array): number | undefined {
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return undefined;
    const short = second & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    const size = 2 + extra + MASK_BYTES;
    if (bytes.length < size) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const length = extra === 0 ? short : extra === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
    this.#check(first, second, length);
    this.#frame = { opcode: first & 0xf, mask: bytes.slice(2 + extra, size), length, seen: 0 };
    return size;
  }

  #check(first: number, second: number, length: number): void {
    const opcode = first & 0xf;
    const isLast = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) throw broken('a reserved bit is set');
    if ((second & 0x80) === 0) throw broken('a frame of the client is not masked');
    if (opcode >= OPCODE.close) {
      if (!isLast || length > LARGEST_CONTROL || opcode > OPCODE.pong) throw broken('a control frame is malformed');
      return;
    }
    if (opcode > OPCODE.binary || (opcode === OPCODE.continuation) !== this.#inMessage) throw broken('a message is malformed');
    this.#inMessage = !isLast;
  }

  #payload(frame: Frame, bytes: Uint8Array, events: FrameEvent[]): void {
    if (frame.opcode <= OPCODE.binary) {
      if (bytes.length > 0) events.push({ kind: 'data', bytes });
      return;
    }
    this.#control.push(...bytes);
    if (frame.seen < frame.length) return;
    if (frame.opcode === OPCODE.ping) events.push({ kind: 'ping', bytes: Uint8Array.from(this.#control) });
    if (frame.opcode === OPCODE.close) events.push({ kind: 'close' });
    this.#control = [];
  }
}

function unmask(part: Uint8Array, frame: Frame): Uint8Array {
  const plain = new Uint8Array(part.length);
  for (let at = 0; at < part.length; at++) plain[at] = (part[at] ?? 0) ^ (frame.mask[(frame.seen + at) % MASK_BYTES] ?? 0);
  frame.seen += part.length;
  return plain;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function broken(why: string): GantryError {
  return new GantryError('invalid', `the WebSocket is broken: ${why}`);
}
