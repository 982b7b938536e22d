import { GantryError } from '#base/error.ts';
import { concatBytes } from '#base/bytes.ts';

// SPDY/3.1 (draft-mbelshe-httpbis-spdy-00, section 2.2 and 2.6), as far as streams that a client opens need it.

const VERSION = 3;
const HEADER_BYTES = 8;
const TYPE = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const;
const FIN = 0x01;
/** Frames may have 16 MiB; those that clients of this protocol write have some 32 KiB. */
const LARGEST_FRAME = 1024 * 1024;
/** A piece of a body that we send: others get their turn between two. */
const LARGEST_DATA = 32 * 1024;

export type Frame =
  | { readonly kind: 'open'; readonly stream: number; readonly headers: Uint8Array; readonly isEnd: boolean }
  | { readonly kind: 'data'; readonly stream: number; readonly bytes: Uint8Array; readonly isEnd: boolean }
  | { readonly kind: 'reset'; readonly stream: number }
  | { readonly kind: 'ping'; readonly id: number }
  /** More of a stream's headers: nobody wants them, but whoever unpacks has to have seen them. */
  | { readonly kind: 'headers'; readonly headers: Uint8Array }
  /** Settings, windows and what else has no meaning here. */
  | { readonly kind: 'nothing' };

/** Cuts what comes in pieces of any size into frames. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array();

  /** @throws GantryError invalid for what is no such frame; nothing that follows can be read then */
  push(piece: Uint8Array): readonly Frame[] {
    this.#rest = this.#rest.length === 0 ? piece : concatBytes([this.#rest, piece]);
    const frames: Frame[] = [];
    for (;;) {
      const { length } = this.#rest;
      if (length < HEADER_BYTES) return frames;
      const view = new DataView(this.#rest.buffer, this.#rest.byteOffset, length);
      const size = view.getUint32(4) & 0xff_ffff;
      if (size > LARGEST_FRAME) throw new GantryError('invalid', `a frame of ${size} bytes is longer than the ${LARGEST_FRAME} that are taken`);
      if (length < HEADER_BYTES + size) return frames;
      frames.push(readFrame(view, this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + size)));
      this.#rest = this.#rest.subarray(HEADER_BYTES + size);
    }
  }
}

function readFrame(view: DataView, body: Uint8Array): Frame {
  const first = view.getUint32(0);
  const isEnd = (view.getUint8(4) & FIN) !== 0;
  if (first >>> 31 === 0) return { kind: 'data', stream: first, bytes: body, isEnd };
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new GantryError('invalid', `a frame is of version ${version} of SPDY instead of ${VERSION}`);
  const word = (at: number): number => {
    if (body.length < at + 4) throw new GantryError('invalid', 'a control frame is shorter than its fields');
    return new DataView(body.buffer, body.byteOffset, body.length).getUint32(at) & 0x7fff_ffff;
  };
  switch (first & 0xffff) {
    case TYPE.synStream: return { kind: 'open', stream: word(0), headers: body.subarray(10), isEnd };
    case TYPE.rstStream: return { kind: 'reset', stream: word(0) };
    case TYPE.ping: return { kind: 'ping', id: word(0) };
    case TYPE.headers: return word(0) === 0 ? { kind: 'nothing' } : { kind: 'headers', headers: body.subarray(4) };
    default: return { kind: 'nothing' };
  }
}

export function dataFrames(stream: number, bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / LARGEST_DATA) }, (_, index) => dataFrame(stream, bytes.subarray(index * LARGEST_DATA, (index + 1) * LARGEST_DATA), 0));
}

/** Nothing more comes on the stream from our side. */
export function endFrame(stream: number): Uint8Array {
  return dataFrame(stream, new Uint8Array(), FIN);
}

export function replyFrame(stream: number, headers: Uint8Array): Uint8Array {
  return control(TYPE.synReply, concatBytes([word(stream), headers]));
}

export function pingFrame(id: number): Uint8Array {
  return control(TYPE.ping, word(id));
}

function dataFrame(stream: number, bytes: Uint8Array, flags: number): Uint8Array {
  return concatBytes([word(stream), sized(bytes.length, flags), bytes]);
}

function control(type: number, body: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0x80, VERSION, type >> 8, type & 0xff), sized(body.length, 0), body]);
}

function sized(length: number, flags: number): Uint8Array {
  return Uint8Array.of(flags, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}
