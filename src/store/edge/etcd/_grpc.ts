import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';

/** A call that the peer ended with a code of google.rpc.Code. */
export class GrpcStatus extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The connection is gone, or never was. Whether a call that it carried was carried out is unknown. */
export class ConnectionLost extends Error {}

export interface GrpcStream {
  send(message: Uint8Array): void;
  /** A reader that is slow holds the peer back. Ends by what went wrong, or with the stream. */
  readonly messages: AsyncIterable<Uint8Array>;
  cancel(): void;
}

const HEAD_BYTES = 5;
const WINDOW_BYTES = 4 << 20;
const LARGEST_MESSAGE = 1 << 30;
const CALL_TIMEOUT_MS = 30_000;
/** Not more often than every 5 seconds, or etcd hangs up (`--grpc-keepalive-min-time`). */
const PING_EVERY_MS = 20_000;

/** Calls over one connection (grpc.io, "gRPC over HTTP2"), as far as etcd's unary calls and watches need it. */
export class GrpcConnection {
  readonly #session: ClientHttp2Session;
  readonly #pings: NodeJS.Timeout;

  /** @throws ConnectionLost */
  static async open(origin: string, tls: SecureContextOptions): Promise<GrpcConnection> {
    const session = connect(origin, { ...tls, settings: { initialWindowSize: WINDOW_BYTES, enablePush: false } });
    await new Promise<void>((resolve, reject) => {
      session.once('connect', () => resolve());
      session.once('error', (cause) => reject(new ConnectionLost(cause.message, { cause })));
      session.once('close', () => reject(new ConnectionLost('the connection was closed')));
    });
    return new GrpcConnection(session);
  }

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.on('error', () => undefined);
    session.setLocalWindowSize(WINDOW_BYTES);
    this.#pings = setInterval(() => this.#ping(), PING_EVERY_MS);
    this.#pings.unref();
    session.once('close', () => clearInterval(this.#pings));
    session.once('goaway', () => session.close());
  }

  get isClosed(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  close(): void {
    this.#session.destroy();
  }

  /** @throws GrpcStatus, ConnectionLost */
  unary(path: string, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const stream = this.#request(path);
      const frames = new Frames();
      let answer: Uint8Array | undefined;
      const status = new CallStatus(stream);
      stream.setTimeout(CALL_TIMEOUT_MS, () => stream.close(constants.NGHTTP2_CANCEL));
      stream.on('data', (chunk: Buffer) => {
        for (const frame of frames.push(chunk)) answer = frame;
      });
      stream.once('close', () => {
        const fault = status.fault(path);
        if (fault !== undefined) reject(fault);
        else if (answer === undefined) reject(new GrpcStatus(13, `${path} was answered with nothing`));
        else resolve(answer);
      });
      stream.end(framed(message));
    });
  }

  stream(path: string): GrpcStream {
    const stream = this.#request(path);
    const status = new CallStatus(stream);
    return {
      send: (message) => void stream.write(framed(message)),
      cancel: () => stream.close(constants.NGHTTP2_CANCEL),
      messages: messagesOf(stream, status, path),
    };
  }

  #request(path: string): ClientHttp2Stream {
    if (this.isClosed) throw new ConnectionLost('the connection was closed');
    const stream = this.#session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
    stream.on('error', () => undefined);
    return stream;
  }

  /** A peer that is gone without a word would be waited for for ever. */
  #ping(): void {
    const silent = setTimeout(() => this.#session.destroy(), PING_EVERY_MS);
    silent.unref();
    if (!this.#session.ping(() => clearTimeout(silent))) clearTimeout(silent);
  }
}

async function* messagesOf(stream: ClientHttp2Stream, status: CallStatus, path: string): AsyncGenerator<Uint8Array> {
  const frames = new Frames();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield* frames.push(chunk);
  } catch (cause) {
    throw status.fault(path) ?? new ConnectionLost(`the connection was closed during ${path}`, { cause });
  }
  const fault = status.fault(path);
  if (fault !== undefined) throw fault;
}

/** How a call ended: in the trailers, or in the headers where nothing else came. */
class CallStatus {
  #code: number | undefined;
  #message = '';

  constructor(stream: ClientHttp2Stream) {
    const judge = (headers: IncomingHttpHeaders): void => {
      if (headers['grpc-status'] === undefined) return;
      this.#code = Number(headers['grpc-status']);
      this.#message = decoded(String(headers['grpc-message'] ?? ''));
    };
    stream.on('response', judge);
    stream.on('trailers', judge);
  }

  fault(path: string): Error | undefined {
    if (this.#code === undefined) return new ConnectionLost(`the connection was closed during ${path}`);
    return this.#code === 0 ? undefined : new GrpcStatus(this.#code, this.#message);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEAD_BYTES);
  return frame;
}

/** Cuts a stream into messages: a byte that says whether it is compressed, four of length, the message. */
class Frames {
  #held: Buffer[] = [];
  #size = 0;
  #wanted = HEAD_BYTES;

  *push(chunk: Buffer): Generator<Uint8Array> {
    this.#held.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#wanted) {
      const whole = this.#held.length === 1 ? this.#held[0] as Buffer : Buffer.concat(this.#held);
      const end = HEAD_BYTES + whole.readUInt32BE(1);
      if (end > LARGEST_MESSAGE) throw new GrpcStatus(8, `a message of ${end} bytes is larger than the ${LARGEST_MESSAGE} that are taken`);
      this.#wanted = end;
      this.#held = [whole];
      if (whole.length < end) return;
      const rest = whole.subarray(end);
      this.#held = rest.length === 0 ? [] : [rest];
      this.#size = rest.length;
      this.#wanted = HEAD_BYTES;
      yield whole.subarray(HEAD_BYTES, end);
    }
  }
}
