import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { drained } from '#base/drained.ts';
import { GantryError, messageOf } from '#base/error.ts';
import type { RegistryReply, RegistryRequest } from '../server/exchange.ts';
import type { RegistryMetrics } from '../server/metrics.ts';

/** A client that sends its head this slowly is none. */
const HEAD_PATIENCE_MS = 10_000;
/** No byte of a body for so long ends the connection. */
const SILENCE_MS = 120_000;

export interface RegistryServerOptions {
  /** Answers what is asked below `/v2/` and, where there is one, at the token server's place. Throws nothing. */
  readonly handle: (request: RegistryRequest) => Promise<RegistryReply>;
  readonly metrics: RegistryMetrics;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly log: (line: string) => void;
}

/** HTTP around a registry. */
export class RegistryServer {
  readonly #options: RegistryServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: RegistryServerOptions) {
    this.#options = options;
    const settings = { headersTimeout: HEAD_PATIENCE_MS, requestTimeout: 0, keepAliveTimeout: 60_000, maxHeaderSize: 32 << 10 };
    const listener = (req: IncomingMessage, res: ServerResponse): void => void this.#serve(req, res);
    this.#server = options.tls === undefined
      ? process.getBuiltinModule('node:http').createServer(settings, listener)
      : process.getBuiltinModule('node:https').createServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' }, listener);
    this.#server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.setTimeout(SILENCE_MS, () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Answers the port. Throws `unavailable`. */
  async listen(host: string, port: number): Promise<number> {
    try {
      await new Promise<void>((resolve, reject) => this.#server.once('error', reject).listen(port, host, resolve));
    } catch (cause) {
      throw new GantryError('unavailable', `can't listen on ${host}:${port}: ${messageOf(cause)}`, { cause });
    }
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** What is under way comes to its end, for so long. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => { for (const socket of this.#sockets) socket.destroy(); }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { handle, metrics, log } = this.#options;
    const done = metrics.begin(req.method ?? '');
    try {
      const [path = '/', query = ''] = split(req.url ?? '/');
      if (path === '/metrics' && req.method === 'GET') {
        res.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(metrics.render());
        return;
      }
      const parameters = new URLSearchParams(query);
      const reply = await handle({
        method: req.method ?? '', path, body: counted(req, (bytes) => metrics.received(bytes)),
        query: (name) => parameters.get(name) ?? undefined,
        queryAll: (name) => parameters.getAll(name),
        header: (name) => {
          const value = req.headers[name];
          return Array.isArray(value) ? value.join(', ') : value;
        },
      });
      await this.#answer(req, res, reply);
    } catch (thrown) {
      // The answer had begun, so the connection is all that can still say it.
      log(`${req.method} ${req.url}: ${messageOf(thrown)}`);
      res.destroy();
    } finally {
      done(res.statusCode);
    }
  }

  async #answer(req: IncomingMessage, res: ServerResponse, { status, headers, body }: RegistryReply): Promise<void> {
    // What nobody read of the request would be taken for the next one.
    const rest = req.complete ? {} : { Connection: 'close' };
    res.writeHead(status, { ...headers, ...rest });
    if (body === undefined || body instanceof Uint8Array) {
      this.#options.metrics.sent(body?.length ?? 0);
      res.end(body);
      return;
    }
    for await (const chunk of body) {
      if (res.destroyed) return;
      this.#options.metrics.sent(chunk.length);
      if (!res.write(chunk)) await drained(res);
    }
    res.end();
  }
}

async function* counted(req: IncomingMessage, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of req) {
    count((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

function split(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
