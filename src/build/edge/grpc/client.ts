import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { GantryError } from '#base/error.ts';
import { errorOfStatus, joined } from '../../wire/grpc.ts';
import { decode, type Decoded, type Fields, type Init, type Message } from '../../wire/protobuf.ts';
import { BatchedReads } from './batched-reads.ts';
import { readFrames, writeMessage } from './calls.ts';

/** A context comes as fast as it is read: the windows must not be what bounds it. */
const STREAM_WINDOW = 4 << 20;
const CONNECTION_WINDOW = 16 << 20;
/** Pieces of files come whole, instead of in three frames each. */
const LARGEST_FRAME = 1 << 20;

/** A call both of whose directions are open. */
export interface Bidirectional<I extends Fields, O extends Fields> {
  readonly messages: AsyncIterable<Decoded<Message<O>>>;
  /** The bytes of the same messages, each in the pieces that it came in, as many at a time as have come; lists of small ones by `BatchedReads`. Whoever reads these does not read those. */
  readonly frames: AsyncIterable<readonly (readonly Uint8Array[])[]>;
  send(value: Init<Message<I>>): Promise<void>;
  /** Nothing more will be sent. */
  end(): void;
  /** Ends both directions now. */
  cancel(): void;
}

/** Calls to the gRPC services that a client of ours serves on a connection. */
export class GrpcClient {
  readonly #session: ClientHttp2Session;
  readonly #reads: BatchedReads;
  readonly closed: Promise<void>;

  constructor(socket: Duplex) {
    this.#reads = new BatchedReads(socket);
    this.#session = connect('http://client', { createConnection: () => socket, settings: { initialWindowSize: STREAM_WINDOW, maxFrameSize: LARGEST_FRAME, enablePush: false } });
    this.#session.on('error', () => {});
    this.#session.once('connect', () => this.#session.setLocalWindowSize(CONNECTION_WINDOW));
    this.closed = new Promise((resolve) => this.#session.once('close', () => resolve()));
  }

  get isClosed(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  close(): void {
    this.#session.destroy();
  }

  async unary<I extends Fields, O extends Fields>(path: string, input: Message<I>, output: Message<O>, value: Init<Message<I>>, metadata: Metadata = {}): Promise<Decoded<Message<O>>> {
    const call = this.call(path, input, output, metadata);
    await call.send(value);
    call.end();
    let answer: Decoded<Message<O>> | undefined;
    for await (const message of call.messages) answer = message;
    if (answer === undefined) throw new GantryError('internal', `${path} was answered with nothing`);
    return answer;
  }

  call<I extends Fields, O extends Fields>(path: string, input: Message<I>, output: Message<O>, metadata: Metadata = {}): Bidirectional<I, O> {
    if (this.isClosed) throw new GantryError('interrupted', 'the client of the build is gone');
    const stream = this.#session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...metadata });
    stream.on('error', () => {});
    const status = statusOfCall(stream, path);
    status.catch(() => undefined);
    const frames = framesOf(stream, status);
    return {
      messages: decoded(frames, output),
      frames: this.#reads.over(frames),
      send: (message) => writeMessage(stream, input, message),
      end: () => stream.end(),
      cancel: () => stream.close(8 /* CANCEL */),
    };
  }
}

export type Metadata = Readonly<Record<string, string | readonly string[]>>;

async function* framesOf(stream: ClientHttp2Stream, status: Promise<void>): AsyncGenerator<readonly (readonly Uint8Array[])[]> {
  yield* readFrames(stream);
  await status;
}

async function* decoded<F extends Fields>(frames: AsyncIterable<readonly (readonly Uint8Array[])[]>, type: Message<F>): AsyncGenerator<Decoded<Message<F>>> {
  for await (const batch of frames) for (const pieces of batch) yield decode(type, joined(pieces));
}

/** Settles at the end of the call; rejects with what the peer says went wrong. */
function statusOfCall(stream: ClientHttp2Stream, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const judge = (headers: IncomingHttpHeaders): void => {
      const code = headers['grpc-status'];
      if (code === undefined) return;
      if (Number(code) === 0) resolve();
      else reject(errorOfStatus(Number(code), decodeURIComponentSafely(String(headers['grpc-message'] ?? ''))));
    };
    stream.on('response', judge);
    stream.on('trailers', judge);
    stream.on('close', () => reject(new GantryError('interrupted', `the client of the build went away during ${path}`)));
  });
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

