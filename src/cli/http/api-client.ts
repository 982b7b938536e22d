import type { Socket } from 'node:net';
import { drained } from '#base/drained.ts';
import { GantryError } from '#base/error.ts';
import type { DaemonAddress } from './address.ts';
import { ApiError } from './api-error.ts';
import { ByteReader } from './byte-reader.ts';
import { connect, type TlsFiles } from './connect.ts';
import { readBody, readHead, type ResponseHead } from './response.ts';

/** The newest API that this client speaks. */
export const clientApiVersion = '1.51';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it comes, in chunks. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A connection that left HTTP: bytes both ways. */
export interface Hijacked {
  readonly socket: Socket;
  readonly reader: ByteReader;
}

export interface ClientOptions {
  readonly address: DaemonAddress;
  readonly tls?: TlsFiles | undefined;
  /** `DOCKER_API_VERSION`: no newer and no older, and nothing is negotiated. */
  readonly fixedVersion?: string | undefined;
  readonly userAgent: string;
}

/** A client of the Docker Engine API: one connection for each request. */
export class ApiClient {
  readonly address: DaemonAddress;
  readonly #options: ClientOptions;
  #version: string;
  #headers: Readonly<Record<string, string>> = {};

  constructor(options: ClientOptions) {
    this.address = options.address;
    this.#options = options;
    this.#version = options.fixedVersion ?? clientApiVersion;
  }

  /** The API version in use: after {@link negotiate} the older one of both sides. */
  get version(): string {
    return this.#version;
  }

  /** Headers of the daemon's ping, by lower-case name. */
  get pingHeaders(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  /** Asks which versions the daemon speaks. Throws {@link ConnectionError} when nobody answers. */
  async negotiate(): Promise<void> {
    const { head, socket } = await this.#send('HEAD', '/_ping', {}, '');
    socket.destroy();
    this.#headers = head.headers;
    const theirs = head.headers['api-version'] ?? '1.24';
    if (this.#options.fixedVersion === undefined && olderVersion(theirs, this.#version)) this.#version = theirs;
  }

  /** The answer's bytes. Throws {@link ApiError} for a status of 400 and above. */
  async *stream(method: string, path: string, options: RequestOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const { head, socket, reader } = await this.#send(method, path, options, this.#prefix());
    try {
      if (head.status >= 400) throw new ApiError(head.status, await collect(readBody(reader, head)));
      yield* readBody(reader, head);
    } finally {
      socket.destroy();
    }
  }

  /** Waits for the head only: what comes later is read from the answer's `body`. */
  async open(method: string, path: string, options: RequestOptions = {}): Promise<{ readonly head: ResponseHead; readonly body: AsyncIterable<Uint8Array>; readonly close: () => void }> {
    const { head, socket, reader } = await this.#send(method, path, options, this.#prefix());
    if (head.status >= 400) {
      const text = await collect(readBody(reader, head)).finally(() => socket.destroy());
      throw new ApiError(head.status, text);
    }
    return { head, body: readBody(reader, head), close: () => socket.destroy() };
  }

  async text(method: string, path: string, options: RequestOptions = {}): Promise<string> {
    return collect(this.stream(method, path, options));
  }

  /** The answer as a value. An empty answer is undefined. */
  async json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const text = await this.text(method, path, options);
    return (text.trim() === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Headers alone, of a HEAD request. */
  async head(path: string, options: RequestOptions = {}): Promise<ResponseHead> {
    const { head, socket } = await this.#send('HEAD', path, options, this.#prefix());
    socket.destroy();
    if (head.status >= 400) throw new ApiError(head.status, '');
    return head;
  }

  /** Leaves HTTP for a stream of bytes, as attach and exec do. */
  async hijack(path: string, options: RequestOptions = {}): Promise<Hijacked> {
    const headers = { ...options.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
    const { head, socket, reader } = await this.#send('POST', path, { ...options, headers }, this.#prefix());
    if (head.status === 101 || head.status === 200) return { socket, reader };
    const text = await collect(readBody(reader, head)).finally(() => socket.destroy());
    throw new ApiError(head.status, text);
  }

  #prefix(): string {
    return `/v${this.#version}`;
  }

  async #send(method: string, path: string, options: RequestOptions, prefix: string) {
    const { address, tls } = this.#options;
    const socket = await connect(address, tls);
    const reader = new ByteReader(socket);
    const basePath = address.kind === 'tcp' ? address.basePath : '';
    const body = options.json === undefined ? undefined : `${JSON.stringify(options.json)}\n`;
    socket.write(this.#head(method, basePath + prefix + path + queryString(options.query ?? {}), body, options));
    if (body !== undefined) socket.write(body);
    // The daemon may refuse while we still send: its answer says why, the failure of the upload does not.
    const uploaded = options.stream === undefined ? undefined : upload(socket, options.stream);
    const head = await Promise.race([readHead(reader), ...(uploaded === undefined ? [] : [uploaded])]);
    return { head, socket, reader };
  }

  #head(method: string, target: string, body: string | undefined, options: RequestOptions): string {
    const host = this.#options.address.kind === 'tcp' ? `${this.#options.address.host}:${this.#options.address.port}` : 'api.moby.localhost';
    const length = body === undefined ? (method === 'POST' && options.stream === undefined ? '0' : undefined) : String(Buffer.byteLength(body));
    const headers: Readonly<Record<string, string | undefined>> = {
      Host: host,
      'User-Agent': this.#options.userAgent,
      Connection: 'close',
      'Content-Type': body === undefined ? undefined : 'application/json',
      'Content-Length': length,
      'Transfer-Encoding': options.stream === undefined ? undefined : 'chunked',
      ...options.headers,
    };
    const lines = Object.entries(headers).filter(([, value]) => value !== undefined);
    return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  }
}

/** Sends chunks. Settles only when reading the source fails: then there is no request to answer. */
async function upload(socket: Socket, source: AsyncIterable<Uint8Array>): Promise<never> {
  try {
    for await (const bytes of source) {
      if (bytes.length === 0) continue;
      if (socket.destroyed || !socket.writable) break;
      socket.write(`${bytes.length.toString(16)}\r\n`);
      socket.write(bytes);
      if (!socket.write('\r\n')) await drained(socket);
    }
    if (socket.writable) socket.write('0\r\n\r\n');
  } catch (cause) {
    socket.destroy();
    throw cause;
  }
  return new Promise<never>(() => undefined);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** `?a=1&b=x`: false and undefined are left out, true is 1, a list repeats its key. Keys are sorted. */
export function queryString(query: Query): string {
  const pairs: string[] = [];
  for (const key of Object.keys(query).toSorted()) {
    const value = query[key];
    if (value === undefined || value === false) continue;
    const values = typeof value === 'object' ? value : [value === true ? '1' : String(value)];
    for (const item of values) pairs.push(`${encodeURIComponent(key)}=${encodeURIComponent(item)}`);
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function olderVersion(a: string, b: string): boolean {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  if (Number.isNaN(majorA) || Number.isNaN(minorA)) throw new GantryError('unavailable', `the daemon speaks an unknown API version ${JSON.stringify(a)}`);
  return majorA < majorB || (majorA === majorB && minorA < minorB);
}
