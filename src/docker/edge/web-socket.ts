import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { GantryError } from '#base/error.ts';
import { FrameReader, OPCODE, webSocketFrame } from '../websocket-frames.ts';
import { commonHeaders, type Exchange } from './exchange.ts';
import { isOfAnotherOrigin } from './page-origin.ts';

/** RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const NORMAL_CLOSE = Uint8Array.of(0x03, 0xe8);

/** A WebSocket as a stream of bytes: each write is a binary message, and what comes in is the payload of any message. */
class WebSocketStream extends Duplex {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #isOver = false;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => this.#leave());
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    // A write of nothing asks whether anybody is there.
    this.#socket.write(bytes.length === 0 ? webSocketFrame(OPCODE.ping, bytes) : webSocketFrame(OPCODE.binary, bytes), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#isOver) this.#socket.end(webSocketFrame(OPCODE.close, NORMAL_CLOSE));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  /** A client that closed a WebSocket listens no more (RFC 6455, section 5.5.1): its input ends, and then all. */
  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.once('end', () => setImmediate(() => {
      this.#socket.end(webSocketFrame(OPCODE.close, NORMAL_CLOSE));
      this.destroy();
    }));
    this.push(null);
  }

  #take(bytes: Uint8Array): void {
    try {
      for (const event of this.#frames.push(bytes)) {
        if (event.kind === 'ping') this.#socket.write(webSocketFrame(OPCODE.pong, event.bytes));
        else if (event.kind === 'close') this.#leave();
        else if (this.#isOver) return;
        else if (!this.push(event.bytes)) this.#socket.pause();
      }
    } catch {
      this.destroy();
    }
  }
}

/** Takes the connection over as a WebSocket. @throws GantryError invalid, forbidden where the request can't become one */
export function acceptWebSocket(exchange: Exchange): Duplex {
  const { req, res, upgrade } = exchange;
  const key = req.headers['sec-websocket-key'];
  if (upgrade === undefined || req.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined || req.headers['sec-websocket-version'] !== '13') {
    throw new GantryError('invalid', 'a WebSocket of version 13 has to be asked for', { hint: 'send Upgrade: websocket with its headers' });
  }
  if (isOfAnotherOrigin(req)) throw new GantryError('forbidden', `a page of ${req.headers.origin} may not attach to containers here`);
  const socket = upgrade.socket as Socket;
  res.detachSocket(socket);
  socket.on('error', () => {});
  if (typeof socket.setTimeout === 'function') socket.setTimeout(0);
  const common = commonHeaders(exchange.front.version);
  const lines = common.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${common[at + 1]}`] : []));
  const accept = createHash('sha1').update(key + GUID).digest('base64');
  socket.write(['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, ...lines].join('\r\n') + '\r\n\r\n');
  const stream = new WebSocketStream(socket);
  // A write to a client that has gone fails; its close tells who needs to know.
  stream.on('error', () => {});
  if (upgrade.early.length > 0) socket.unshift(Buffer.from(upgrade.early));
  return stream;
}
