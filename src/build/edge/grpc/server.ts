import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { GantryError } from '#base/error.ts';
import { CODE, statusOf } from '../../wire/grpc.ts';
import { encode, type Decoded, type Fields, type Init, type Message } from '../../wire/protobuf.ts';
import { frameHead } from '../../wire/grpc.ts';
import { readMessages, writeMessage } from './calls.ts';

export interface CallContext {
  readonly headers: IncomingHttpHeaders;
  /** Aborted when the client goes away or gives up. */
  readonly signal: AbortSignal;
}

export interface Method {
  readonly run: (stream: ServerHttp2Stream, context: CallContext) => Promise<void>;
}

/** By path, as `/moby.buildkit.v1.Control/Solve`. */
export type Methods = ReadonlyMap<string, Method>;

/** One message in, one out. */
export function unary<I extends Fields, O extends Fields>(input: Message<I>, output: Message<O>, handle: (request: Decoded<Message<I>>, context: CallContext) => Promise<Init<Message<O>>> | Init<Message<O>>): Method {
  return {
    async run(stream, context) {
      const bytes = encode(output, await handle(await only(stream, input), context));
      begin(stream);
      stream.write(frameHead(bytes.length));
      stream.write(bytes);
    },
  };
}

/** One message in, any number out. */
export function serverStream<I extends Fields, O extends Fields>(input: Message<I>, output: Message<O>, handle: (request: Decoded<Message<I>>, context: CallContext) => AsyncIterable<Init<Message<O>>>, headers: () => Readonly<Record<string, string>> = () => ({})): Method {
  return {
    async run(stream, context) {
      const request = await only(stream, input);
      begin(stream, headers());
      for await (const value of handle(request, context)) await writeMessage(stream, output, value);
    },
  };
}

async function only<F extends Fields>(stream: ServerHttp2Stream, type: Message<F>): Promise<Decoded<Message<F>>> {
  for await (const request of readMessages(stream, type)) return request;
  throw new GantryError('invalid', 'the call brought no message');
}

export function begin(stream: ServerHttp2Stream, headers: Readonly<Record<string, string>> = {}): void {
  if (!stream.headersSent) stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { waitForTrailers: true });
}

const WINDOW = 1 << 20;

/** Serves gRPC on a connection that has left HTTP/1, or never was it. */
export function serveGrpc(socket: Duplex, methods: Methods, log: (line: string) => void): void {
  const session = performServerHandshake(socket, { settings: { initialWindowSize: WINDOW, enablePush: false } });
  session.on('error', () => socket.destroy());
  session.on('close', () => socket.destroy());
  session.on('stream', (stream, headers) => void serveCall(stream as ServerHttp2Stream, headers, methods, log));
}

async function serveCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, methods: Methods, log: (line: string) => void): Promise<void> {
  const abort = new AbortController();
  stream.on('error', () => {});
  stream.on('aborted', () => abort.abort());
  stream.on('close', () => abort.abort());
  const path = headers[':path'] as string;
  try {
    const method = methods.get(path);
    if (method === undefined) {
      finish(stream, { 'grpc-status': String(CODE.unimplemented), 'grpc-message': percentEncode(`unknown method ${path}`) });
      return;
    }
    await method.run(stream, { headers, signal: abort.signal });
    finish(stream, { 'grpc-status': String(CODE.ok), 'grpc-message': '' });
  } catch (thrown) {
    if (!(thrown instanceof GantryError) || thrown.kind === 'internal') log(`${path}: ${thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)}`);
    const { code, message, bytes } = statusOf(thrown);
    finish(stream, {
      'grpc-status': String(code), 'grpc-message': percentEncode(message),
      ...(bytes === undefined ? {} : { 'grpc-status-details-bin': Buffer.from(bytes).toString('base64') }),
    });
  }
}

/** Where nothing was sent, the trailers are the answer. */
function finish(stream: ServerHttp2Stream, trailers: Record<string, string>): void {
  if (stream.destroyed || stream.closed) return;
  if (stream.headersSent) {
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end();
  } else {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
  }
}

/** `grpc-message` of the gRPC protocol: printable ASCII but for the percent sign, all else as %XX of UTF-8. */
function percentEncode(message: string): string {
  return [...Buffer.from(message)].map((byte) => (byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join('');
}
