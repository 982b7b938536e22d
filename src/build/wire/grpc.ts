import { concatBytes } from '#base/bytes.ts';
import { GantryError, isKind, messageOf, type ErrorKind } from '#base/error.ts';
import { STATUS } from './common.ts';
import { encode, type Decoded } from './protobuf.ts';

/** Codes of google.rpc.Code. */
export const CODE = { ok: 0, cancelled: 1, unknown: 2, invalidArgument: 3, deadlineExceeded: 4, notFound: 5, alreadyExists: 6, permissionDenied: 7, resourceExhausted: 8, failedPrecondition: 9, unimplemented: 12, internal: 13, unavailable: 14, unauthenticated: 16 } as const;

const OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: CODE.invalidArgument, unauthorized: CODE.unauthenticated, forbidden: CODE.permissionDenied, 'not-found': CODE.notFound, conflict: CODE.failedPrecondition,
  'not-modified': CODE.failedPrecondition, 'too-large': CODE.resourceExhausted, exhausted: CODE.resourceExhausted, unavailable: CODE.unavailable,
  unimplemented: CODE.unimplemented, interrupted: CODE.cancelled, internal: CODE.unknown,
};

export interface Detail {
  /** Name of the message, as `errdefs.Source`. */
  readonly type: string;
  readonly json: unknown;
}

/** A call that ends with more than a message: BuildKit's clients print a source's lines from its details. */
export class DetailedError extends GantryError {
  readonly details: readonly Detail[];

  constructor(kind: ErrorKind, message: string, details: readonly Detail[], cause?: unknown) {
    super(kind, message, cause === undefined ? {} : { cause });
    this.details = details;
  }
}

/** containerd's typeurl: values are JSON, whatever the message. */
const TYPE_PREFIX = 'github.com/moby/buildkit/';
const TYPE_SUFFIX = '+json';

/** google.rpc.Status of anything thrown. */
export function statusOf(thrown: unknown): { readonly code: number; readonly message: string; readonly bytes: Uint8Array | undefined } {
  // Clients put any other code in front of the message, as BuildKit's own failures have none.
  const code = thrown instanceof GantryError && thrown.kind === 'interrupted' ? CODE.cancelled : CODE.unknown;
  const message = messageOf(thrown);
  if (!(thrown instanceof DetailedError)) return { code, message, bytes: undefined };
  const details = thrown.details.map(({ type, json }) => ({ typeUrl: TYPE_PREFIX + type + TYPE_SUFFIX, value: new TextEncoder().encode(JSON.stringify(json)) }));
  return { code, message, bytes: encode(STATUS, { code, message, details }) };
}

/** The error of a status that a peer sent. */
export function errorOfStatus(code: number, message: string): GantryError {
  const kind = (Object.entries(OF_KIND).find(([name, of]) => of === code && name !== 'not-modified') ?? ['internal'])[0] as ErrorKind;
  return new GantryError(kind, message === '' ? `the peer ended the call with code ${code}` : message);
}

/** What a client returned instead of a result: its own failure, or one that we had told it before. */
export function errorOfReturn(status: Decoded<typeof STATUS>): GantryError {
  const { kind, message } = errorOfStatus(status.code, status.message);
  const details = status.details.filter(({ typeUrl }) => typeUrl.startsWith(TYPE_PREFIX)).flatMap(({ typeUrl, value }): Detail[] => {
    try {
      return [{ type: typeUrl.slice(TYPE_PREFIX.length, -TYPE_SUFFIX.length), json: JSON.parse(new TextDecoder().decode(value)) }];
    } catch (thrown) {
      if (thrown instanceof SyntaxError) return [];
      throw thrown;
    }
  });
  return new DetailedError(kind, message, details);
}

export function isCancelled(thrown: unknown): boolean {
  return isKind(thrown, 'interrupted');
}

/** Cuts a stream of gRPC into messages: a byte that says whether it is compressed, four of length, the message. */
export class FrameReader {
  readonly #limit: number;
  #held: Uint8Array[] = [];
  #size = 0;

  /** @param limit bytes of the largest message that is taken */
  constructor(limit: number) {
    this.#limit = limit;
  }

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    for (const pieces of this.pushPieces(chunk)) yield joined(pieces);
  }

  /** Messages as they came, mostly in one piece: nothing is copied, and none is empty but that of an empty message. */
  *pushPieces(chunk: Uint8Array): Generator<readonly Uint8Array[]> {
    this.#held.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      if (this.#size < 5) return;
      const head = this.#peek(5);
      if (head[0] !== 0) throw new GantryError('unimplemented', 'compressed gRPC messages are not supported');
      const length = new DataView(head.buffer, head.byteOffset, 5).getUint32(1);
      if (length > this.#limit) throw new GantryError('too-large', `a gRPC message of ${length} bytes is larger than ${this.#limit}`);
      if (this.#size < 5 + length) return;
      this.#take(5);
      yield this.#take(length);
    }
  }

  /** Bytes to look at, which stay. */
  #peek(length: number): Uint8Array {
    const first = this.#held[0] as Uint8Array;
    if (first.length >= length) return first.subarray(0, length);
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of this.#held) {
      if (at === length) break;
      const piece = part.subarray(0, length - at);
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  #take(length: number): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let left = length;
    while (left > 0) {
      const first = this.#held[0] as Uint8Array;
      pieces.push(first.length > left ? first.subarray(0, left) : first);
      if (first.length > left) this.#held[0] = first.subarray(left);
      else this.#held.shift();
      left -= Math.min(left, first.length);
    }
    this.#size -= length;
    return pieces;
  }
}

/** Nothing is copied but what came in several pieces. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0] as Uint8Array : concatBytes(pieces);
}

/** The five bytes before a message. */
export function frameHead(length: number): Uint8Array {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(1, length);
  return head;
}

