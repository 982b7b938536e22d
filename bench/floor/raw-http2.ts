import type { Duplex } from 'node:stream';

/** RFC 9113, sections 4.1 and 6. */
const TYPE = { data: 0, headers: 1, resetStream: 3, settings: 4, ping: 6, windowUpdate: 8 } as const;
const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 } as const;
const SETTING = { enablePush: 2, initialWindowSize: 4, maxFrameSize: 5 } as const;
const HEAD_BYTES = 9;
const LARGEST_WINDOW = 2 ** 31 - 1;
const FIRST_WINDOW = 65_535;
const LARGEST_FRAME = 1 << 20;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export interface StreamListener {
  /** A part of what the peer sent as data. It is overwritten later: what is kept has to be copied. */
  data(piece: Buffer): void;
  /** The peer has said all that it has to say. */
  end(): void;
}

/**
 * The calling side of HTTP/2 with as little work as there can be: nothing is ever held back, headers that come are not read,
 * and data is handed on as it lies in the socket's buffer. For measuring peers, not for serving anybody.
 */
export class RawHttp2 {
  readonly #socket: Duplex;
  readonly #streams = new Map<number, StreamListener>();
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headFill = 0;
  #left = 0;
  #small: Buffer[] = [];
  #next = 1;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    const settings = Buffer.alloc(18);
    for (const [at, [id, value]] of ([[SETTING.enablePush, 0], [SETTING.initialWindowSize, LARGEST_WINDOW], [SETTING.maxFrameSize, LARGEST_FRAME]] as const).entries()) {
      settings.writeUInt16BE(id, at * 6);
      settings.writeUInt32BE(value, at * 6 + 2);
    }
    const window = Buffer.alloc(4);
    window.writeUInt32BE(LARGEST_WINDOW - FIRST_WINDOW);
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(TYPE.settings, 0, 0, settings), frame(TYPE.windowUpdate, 0, 0, window)]));
  }

  /** Opens a stream; `write` sends on it, and says with `isLast` that no more will come. */
  open(headers: readonly (readonly [name: string, value: string])[], listener: StreamListener): { write(data: Uint8Array, isLast: boolean): void } {
    const id = this.#next;
    this.#next += 2;
    this.#streams.set(id, listener);
    this.#socket.write(frame(TYPE.headers, FLAG.endHeaders, id, Buffer.concat(headers.map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])))));
    return { write: (data, isLast) => { this.#socket.write(frame(TYPE.data, isLast ? FLAG.endStream : 0, id, data)); } };
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#headFill < HEAD_BYTES) {
        const taken = Math.min(HEAD_BYTES - this.#headFill, chunk.length - at);
        chunk.copy(this.#head, this.#headFill, at, at + taken);
        at += taken;
        this.#headFill += taken;
        if (this.#headFill < HEAD_BYTES) return;
        this.#left = this.#head.readUIntBE(0, 3);
      }
      const taken = Math.min(this.#left, chunk.length - at);
      this.#payload(chunk.subarray(at, at + taken));
      at += taken;
      this.#left -= taken;
      if (this.#left === 0) this.#finish();
    }
  }

  #payload(piece: Buffer): void {
    if (this.#type === TYPE.data) {
      if ((this.#flags & FLAG.padded) !== 0) throw new Error('the peer pads its data, which is not expected of it');
      if (piece.length > 0) this.#streams.get(this.#stream)?.data(piece);
    } else if (this.#type === TYPE.ping) this.#small.push(Buffer.from(piece));
  }

  #finish(): void {
    this.#headFill = 0;
    const isAck = (this.#flags & FLAG.ack) !== 0;
    if (this.#type === TYPE.settings && !isAck) this.#socket.write(frame(TYPE.settings, FLAG.ack, 0, Buffer.alloc(0)));
    if (this.#type === TYPE.ping && !isAck) this.#socket.write(frame(TYPE.ping, FLAG.ack, 0, Buffer.concat(this.#small)));
    this.#small = [];
    const isOver = this.#type === TYPE.resetStream || ((this.#type === TYPE.data || this.#type === TYPE.headers) && (this.#flags & FLAG.endStream) !== 0);
    if (!isOver) return;
    const listener = this.#streams.get(this.#stream);
    this.#streams.delete(this.#stream);
    listener?.end();
  }

  get #type(): number { return this.#head[3] as number; }
  get #flags(): number { return this.#head[4] as number; }
  get #stream(): number { return this.#head.readUInt32BE(5) & LARGEST_WINDOW; }
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A string of a header as it is, without a table (RFC 7541, sections 5.1 and 5.2). */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}
