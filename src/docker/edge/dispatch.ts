import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServerResponse as Response } from './http-module.ts';
import type { Duplex } from 'node:stream';
import { GantryError, messageOf } from '#base/error.ts';
import { errorReply } from '../error-body.ts';
import { assertSupported, isTooOld, splitVersion } from '../version.ts';
import { splitUpgrade, type Upgrade } from './body.ts';
import { commonHeaders, Exchange, type Front } from './exchange.ts';
import { isOfAnotherSite } from './page-origin.ts';
import type { Router } from './router.ts';

function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw new GantryError('invalid', `invalid URL escape in "${path}"`);
  }
}

/** Brings requests to their handlers, and what these throw to the client. */
export class Dispatcher {
  readonly #front: Front;
  readonly #router: Router;
  readonly #headers: readonly string[];
  /** Connections that sent what is no request: what follows on them is not heard. */
  readonly #refused = new WeakSet<object>();

  constructor(front: Front, router: Router) {
    this.#front = front;
    this.#router = router;
    this.#headers = commonHeaders(front.version);
  }

  async handle(req: IncomingMessage, res: ServerResponse, upgrade?: Upgrade): Promise<void> {
    if (this.#refused.has(req.socket)) return;
    try {
      if (req.headers.host === undefined && req.httpVersion === '1.1') {
        this.#refused.add(req.socket);
        res.shouldKeepAlive = false;
        throw new GantryError('invalid', 'missing required Host header');
      }
      if (isOfAnotherSite(req)) throw new GantryError('forbidden', `a page of ${req.headers.origin ?? 'another site'} may not use this engine`);
      const target = req.url ?? '/';
      const mark = target.indexOf('?');
      const split = splitVersion(decodePath(mark < 0 ? target : target.slice(0, mark)));
      const { method = 'GET' } = req;
      const match = this.#router.find(method, split.path);
      if (match === undefined && method !== 'OPTIONS') throw new GantryError('not-found', 'page not found');
      if (isTooOld(split.version)) return this.#tellOldClient(res, split);
      assertSupported(split.version, split.text);
      const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
      const exchange = new Exchange(this.#front, { req, res, upgrade }, { version: split.version, name: match?.name ?? '', query }, this.#headers);
      if (match === undefined) exchange.empty(200);
      else await match.handler(exchange);
    } catch (thrown) {
      this.#fail(req, res, thrown);
    }
  }

  /** A connection that wants to leave HTTP. It stays with HTTP where the answer is an error. */
  async handleUpgrade(req: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void> {
    const res = new Response(req);
    res.shouldKeepAlive = false;
    socket.on('error', () => {});
    res.assignSocket(socket as never);
    res.on('finish', () => {
      res.detachSocket(socket as never);
      socket.end();
      socket.resume();
    });
    await this.handle(req, res, splitUpgrade(req, socket, head));
  }

  /** Clients this old read errors as text. */
  #tellOldClient(res: ServerResponse, { version, text }: { readonly version: number; readonly text: string }): void {
    try {
      assertSupported(version, text);
    } catch (thrown) {
      res.writeHead(400, [...this.#headers, 'Content-Type', 'text/plain; charset=utf-8']);
      res.end(`${messageOf(thrown)}\n`);
    }
  }

  #fail(req: IncomingMessage, res: ServerResponse, thrown: unknown): void {
    if (!isAborted(thrown) && (!(thrown instanceof GantryError) || thrown.kind === 'internal')) this.#front.log(`${req.method} ${req.url}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    if (res.headersSent || res.socket === null) {
      // The answer has begun, or the connection is the stream's: nobody could read an error now.
      res.destroy();
      return;
    }
    const { status, message } = errorReply(thrown);
    // What is left of a body that nobody read would be taken for the next request.
    const isUnread = !req.complete;
    const close = isUnread ? ['Connection', 'close'] : [];
    if (status === 304) {
      res.writeHead(304, [...this.#headers, ...close]);
      res.end();
    } else {
      const text = `${JSON.stringify({ message })}\n`;
      res.writeHead(status, [...this.#headers, ...close, 'Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(text))]);
      // A client that still writes its body reads no answer before it is done: closing at once would be a broken pipe to it.
      if (isUnread) drain(req, () => res.end(text));
      else res.end(req.method === 'HEAD' ? undefined : text);
    }
  }
}

/** Node's error of a request whose client went away in the middle of it. */
function isAborted(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ECONNRESET';
}

const DRAIN_MS = 1000;
const DRAIN_BYTES = 16 * 1024 * 1024;

/** Takes in what is left of a body that nobody wants, within bounds, and goes on. */
function drain(req: IncomingMessage, done: () => void): void {
  let left = DRAIN_BYTES;
  const finish = (): void => {
    clearTimeout(timer);
    req.off('end', finish).off('data', count);
    done();
    req.resume();
  };
  const count = (chunk: Uint8Array): void => {
    left -= chunk.length;
    if (left <= 0) finish();
  };
  const timer = setTimeout(finish, DRAIN_MS);
  req.on('end', finish).on('data', count);
}
