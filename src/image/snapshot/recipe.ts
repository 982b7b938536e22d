import { GantryError } from '#base/error.ts';
import { byteStringToBytes, bytesToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { Segment } from '#image/oci/tar/entry.ts';

/**
 * How a layer's tar is put together again: bytes as they were (headers, padding, what follows the end) and, in place of
 * the content of files, where that lies on disk. The records are written in frames, each compressed by itself and
 * preceded by its length.
 *
 *     record   = 1 length bytes            bytes of the tar
 *              | 2 path count (offset length)*   content of the file at `path`, run by run
 *     path     = length bytes
 *
 * Numbers are LEB128. Contents are counted from 0; one that a later entry of the same layer replaced is kept in the
 * layer's `replaced` file under its number.
 */
export type RecipeRecord =
  | { readonly kind: 'verbatim'; readonly bytes: Uint8Array }
  | { readonly kind: 'content'; readonly path: ByteString; readonly segments: readonly Segment[] };

/** Frames of this size compress well and are quick to pass on. */
const FRAME_BYTES = 1 << 20;

const VERBATIM = 1;
const CONTENT = 2;
const MAX_VARINT_BYTES = 8;

export class RecipeEncoder {
  #frame = new Uint8Array(FRAME_BYTES + (64 << 10));
  #length = 0;
  readonly #emit: (frame: Uint8Array) => void;

  /** `emit` gets each full frame, a view that is good until it returns. */
  constructor(emit: (frame: Uint8Array) => void) {
    this.#emit = emit;
  }

  verbatim(bytes: Uint8Array): void {
    this.#reserve(1 + MAX_VARINT_BYTES + bytes.length);
    this.#frame[this.#length++] = VERBATIM;
    this.#number(bytes.length);
    this.#bytes(bytes);
    this.#flushIfFull();
  }

  content(path: ByteString, segments: readonly Segment[]): void {
    this.#reserve(1 + MAX_VARINT_BYTES * (2 + 2 * segments.length) + path.length);
    this.#frame[this.#length++] = CONTENT;
    this.#number(path.length);
    this.#bytes(byteStringToBytes(path));
    this.#number(segments.length);
    for (const { offset, length } of segments) {
      this.#number(offset);
      this.#number(length);
    }
    this.#flushIfFull();
  }

  /** Passes on what is left. */
  end(): void {
    if (this.#length > 0) this.#emit(this.#frame.subarray(0, this.#length));
    this.#length = 0;
  }

  #flushIfFull(): void {
    if (this.#length >= FRAME_BYTES) this.end();
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#frame.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#frame.length, this.#length + size));
    larger.set(this.#frame.subarray(0, this.#length));
    this.#frame = larger;
  }

  #bytes(bytes: Uint8Array): void {
    this.#frame.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #number(value: number): void {
    this.#length = writeVarint(this.#frame, this.#length, value);
  }
}

/** The records of one frame. Throws `internal` on a damaged one. */
export function* decodeFrame(frame: Uint8Array): Generator<RecipeRecord> {
  let at = 0;
  const number = (): number => {
    const [value, next] = readVarint(frame, at);
    at = next;
    return value;
  };
  const bytes = (length: number): Uint8Array => {
    if (at + length > frame.length) throw damaged();
    at += length;
    return frame.subarray(at - length, at);
  };
  while (at < frame.length) {
    const kind = frame[at++];
    if (kind === VERBATIM) {
      yield { kind: 'verbatim', bytes: bytes(number()) };
    } else if (kind === CONTENT) {
      const path = bytesToByteString(bytes(number()));
      const segments: Segment[] = [];
      for (let left = number(); left > 0; left -= 1) segments.push({ offset: number(), length: number() });
      yield { kind: 'content', path, segments };
    } else {
      throw damaged();
    }
  }
}

/** Answers the place after the number. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  let place = at;
  while (rest >= 0x80) {
    into[place++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  into[place++] = rest;
  return place;
}

export function readVarint(from: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let place = at; place < from.length && place < at + MAX_VARINT_BYTES; place += 1) {
    const byte = from[place]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, place + 1];
    factor *= 0x80;
  }
  throw damaged();
}

function damaged(): GantryError {
  return new GantryError('internal', 'the recipe of a layer is damaged', { hint: 'Remove the image and pull it again.' });
}
