import type { Duplex } from 'node:stream';
import { decode } from '#build/wire/protobuf.ts';
import { PACKET, PACKET_TYPE } from '#build/wire/session.ts';
import { RawHttp2 } from './raw-http2.ts';
import type { RecordedCall } from './recording.ts';

const HEAD_BYTES = 5;
/** Packets that end something are this short; of longer ones nothing has to be known. */
const LONGEST_LOOKED_AT = 32;
const TRANSFER = '/DiffCopy';

/** Makes the calls of a recording again. */
export class ReplaySession {
  readonly #http2: RawHttp2;

  constructor(socket: Duplex) {
    this.#http2 = new RawHttp2(socket);
  }

  /** Settles when the client has answered all. */
  call({ headers, sent }: RecordedCall): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const isTransfer = headers.some(([name, value]) => name === ':path' && value.endsWith(TRANSFER));
    const transfer = new Transfer(messagesOf(sent));
    const stream = this.#http2.open(headers, {
      data: (piece) => {
        if (isTransfer) for (const answer of transfer.take(piece)) stream.write(answer.bytes, answer.isLast);
      },
      end: resolve,
    });
    if (!isTransfer) stream.write(sent, true);
    return promise;
  }
}

/** When to send what of a transfer: requests after the end of the list, and the end when all that was requested has come. */
class Transfer {
  readonly #requests: readonly Buffer[];
  readonly #last: readonly Buffer[];
  readonly #head = Buffer.alloc(HEAD_BYTES + LONGEST_LOOKED_AT);
  #fill = 0;
  #left = 0;
  #length = 0;
  #files: number;

  constructor(sent: readonly Buffer[]) {
    const isRequest = (frame: Buffer): boolean => decode(PACKET, frame.subarray(HEAD_BYTES)).type === PACKET_TYPE.request;
    this.#requests = sent.filter(isRequest);
    this.#last = sent.filter((frame) => !isRequest(frame));
    this.#files = this.#requests.length;
  }

  *take(piece: Buffer): Generator<{ readonly bytes: Buffer; readonly isLast: boolean }> {
    for (let at = 0; at < piece.length;) {
      if (this.#fill < HEAD_BYTES) {
        const taken = Math.min(HEAD_BYTES - this.#fill, piece.length - at);
        piece.copy(this.#head, this.#fill, at, at + taken);
        this.#fill += taken;
        at += taken;
        if (this.#fill < HEAD_BYTES) return;
        this.#length = this.#head.readUInt32BE(1);
        this.#left = this.#length;
      }
      const taken = Math.min(this.#left, piece.length - at);
      if (this.#length <= LONGEST_LOOKED_AT) piece.copy(this.#head, HEAD_BYTES + this.#length - this.#left, at, at + taken);
      at += taken;
      this.#left -= taken;
      if (this.#left > 0) return;
      this.#fill = 0;
      if (this.#length <= LONGEST_LOOKED_AT) yield* this.#answer(this.#head.subarray(HEAD_BYTES, HEAD_BYTES + this.#length));
    }
  }

  *#answer(packet: Buffer): Generator<{ readonly bytes: Buffer; readonly isLast: boolean }> {
    const { type, stat, data } = decode(PACKET, packet);
    if (type === PACKET_TYPE.stat && (stat === undefined || stat.path === '')) {
      if (this.#files > 0) yield { bytes: Buffer.concat(this.#requests), isLast: false };
      else yield { bytes: Buffer.concat(this.#last), isLast: true };
    } else if (type === PACKET_TYPE.data && data.length === 0) {
      this.#files -= 1;
      if (this.#files === 0) yield { bytes: Buffer.concat(this.#last), isLast: true };
    }
  }
}

function messagesOf(bytes: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at, end));
    at = end;
  }
  return messages;
}
