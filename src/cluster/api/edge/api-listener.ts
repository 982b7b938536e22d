import { createServer as createHttpServer, STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import { drained } from '#base/drained.ts';
import { GantryError, messageOf } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { negotiate } from '../accept.ts';
import type { ApiRequest, ApiResponse, Impersonation, User } from '../api-request.ts';
import { renderStatus, StatusError } from '../status.ts';
import { warningHeaders } from '../warning-header.ts';

/** Upstream's bound of a request's body (`MaxRequestBodyBytes`). */
const LARGEST_BODY = 3 * 1024 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;

export interface ListenOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string };
  /** Who sends it. @throws StatusError unauthorized */
  authenticate(request: IncomingMessage, socket: TLSSocket | undefined): Promise<User>;
  /** Hears of those who are nobody that it knows. */
  unknown?(request: ApiRequest, thrown: unknown): void;
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** Takes the connection of a request that asks for another protocol; what it throws is answered as a Status, and what it answers as JSON without one. */
  upgrade?(request: ApiRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void | ApiResponse>;
}

export interface ApiListener {
  readonly port: number;
  close(): Promise<void>;
}

/** The API on a socket of its own; with client certificates asked for, and none demanded, where it has TLS. */
export async function listenApi(options: ListenOptions): Promise<ApiListener> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void answer(options, request, response).catch((thrown: unknown) => refuse(response, thrown));
  const server = options.tls === undefined ? createHttpServer(onRequest) : createHttpsServer({ ...options.tls, requestCert: true, rejectUnauthorized: false }, onRequest);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(options, request, socket, head));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, options.host, resolve)).catch((cause: unknown) => {
    throw new GantryError('conflict', `the API can't listen at ${options.host}:${options.port}: ${(cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'another program has the port' : messageOf(cause)}`, { cause, hint: 'choose another port, or 0 for a free one: gantry cluster up --port 0' });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function answer(options: ListenOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = requestOf(incoming, await authenticated(options, incoming));
  const answered = await options.handle(request);
  if (answered.kind === 'watch') await sendWatch(answered, response);
  else if (answered.kind === 'forwarded') await sendForwarded(answered, response);
  else if (answered.kind === 'stream') await sendStream(answered, response);
  else if (answered.kind === 'text') sendText(response, answered.code, answered.body, { 'content-type': answered.contentType });
  else sendJson(answered, request, incoming, response);
}

/** A refusal closes the connection: nothing that follows on it may reach what stands behind (CVE-2018-1002105). */
async function upgrade(options: ListenOptions, incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const request = requestOf(incoming, await authenticated(options, incoming));
    if (options.upgrade === undefined) throw new StatusError('invalid', 'this server upgrades no connections');
    const answered = await options.upgrade(request, incoming, socket, head);
    if (answered?.kind === 'json') end(socket, answered);
  } catch (thrown) {
    end(socket, renderStatus(thrown));
  }
}

function end(socket: Duplex, { code, body }: { readonly code: number; readonly body: JsonObject }): void {
  const text = JSON.stringify(body);
  socket.end(`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`);
}

async function authenticated(options: ListenOptions, incoming: IncomingMessage): Promise<User> {
  try {
    return await options.authenticate(incoming, options.tls === undefined ? undefined : incoming.socket as TLSSocket);
  } catch (thrown) {
    options.unknown?.(requestOf(incoming, { name: '', groups: [] }), thrown);
    throw thrown;
  }
}

function requestOf(incoming: IncomingMessage, user: User): ApiRequest {
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(at < 0 ? '' : url.slice(at + 1))) query.set(name, [...query.get(name) ?? [], value]);
  const impersonation = impersonationOf(incoming);
  let body: Promise<Uint8Array> | undefined;
  return {
    ...(impersonation === undefined ? {} : { impersonation }),
    uri: url, sourceIps: [sourceOf(incoming)],
    method: incoming.method ?? 'GET', path: at < 0 ? url : url.slice(0, at), query, user,
    accept: incoming.headers.accept ?? '', contentType: incoming.headers['content-type'] ?? '', userAgent: incoming.headers['user-agent'] ?? '', headers: incoming.headers, body: () => (body ??= readBody(incoming)),
  };
}

/** Nobody stands between: what a header says of it is the client's word. */
function sourceOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

const EXTRA = 'impersonate-extra-';

function impersonationOf(incoming: IncomingMessage): Impersonation | undefined {
  const names = Object.keys(incoming.headers).filter((name) => name.startsWith('impersonate-'));
  if (names.length === 0) return undefined;
  const { headersDistinct } = incoming;
  const first = (name: string): string => headersDistinct[name]?.[0] ?? '';
  const extra = new Map(names.filter((name) => name.startsWith(EXTRA)).map((name) => [decodeKey(name.slice(EXTRA.length)), headersDistinct[name] ?? []]));
  return { name: first('impersonate-user'), uid: first('impersonate-uid'), groups: headersDistinct['impersonate-group'] ?? [], extra };
}

/** Header names have no slashes: keys of extra values are escaped. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const pieces: Buffer[] = [];
  let size = 0;
  const cut = (): void => {
    if (!incoming.readableEnded) reject(new StatusError('invalid', 'the connection ended before the body of the request'));
  };
  // Iterating over the stream costs more than what most requests ask for.
  incoming.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= LARGEST_BODY) pieces.push(piece);
    else reject(new StatusError('too-large', `Request entity too large: limit is ${LARGEST_BODY}`));
  }).once('end', () => resolve(Buffer.concat(pieces))).once('error', reject).once('close', cut);
  if (incoming.destroyed) cut();
  return promise;
}

function sendJson({ code, body, warnings = [], contentType, etag }: ApiResponse & { kind: 'json' }, request: ApiRequest, incoming: IncomingMessage, response: ServerResponse): void {
  if (etag !== undefined && incoming.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const isYaml = code < 400 && negotiate(request.accept).encoding === 'application/yaml';
  if (warnings.length > 0) response.setHeader('warning', warningHeaders(warnings));
  if (etag !== undefined) response.setHeader('etag', etag);
  sendText(response, code, isYaml ? stringify(body) : `${JSON.stringify(body)}\n`, { 'content-type': contentType ?? (isYaml ? 'application/yaml' : 'application/json'), 'cache-control': 'no-cache, private' });
}

/** With its length: in chunks an answer is several writes, and so several records of TLS. */
function sendText(response: ServerResponse, code: number, text: string, headers: OutgoingHttpHeaders): void {
  response.writeHead(code, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

async function sendStream({ contentType, chunks }: ApiResponse & { kind: 'stream' }, response: ServerResponse): Promise<void> {
  await sendChunks(response, chunks, () => response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-cache, private' }));
}

async function sendForwarded({ code, headers, chunks }: ApiResponse & { kind: 'forwarded' }, response: ServerResponse): Promise<void> {
  await sendChunks(response, chunks, () => {
    for (const [name, value] of headers) response.appendHeader(name, value);
    response.writeHead(code);
  });
}

async function sendChunks(response: ServerResponse, chunks: AsyncGenerator<Uint8Array>, writeHead: () => void): Promise<void> {
  onLeave(response, () => void chunks.return(undefined));
  if (response.destroyed) return;
  writeHead();
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

async function sendWatch({ events, render }: ApiResponse & { kind: 'watch' }, response: ServerResponse): Promise<void> {
  onLeave(response, () => void events.return(undefined));
  let isOpen = false;
  const open = (): void => {
    if (isOpen) return;
    isOpen = true;
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
  };
  // A watch that nothing happens on still has to answer; one whose start is refused has to say so by its code.
  const first = events.next();
  const early = await Promise.race([first.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => setImmediate(() => resolve(false))))]);
  if (!early) open();
  for (let next = await first; next.done !== true; next = await events.next()) {
    if (response.destroyed) return;
    open();
    if (!response.write(eventText(render(next.value)))) await drained(response);
  }
  if (response.destroyed) return;
  open();
  response.end();
}

/** A client may have left before there was an answer. */
function onLeave(response: ServerResponse, leave: () => void): void {
  if (response.destroyed) leave();
  else response.once('close', leave);
}

/** Of objects that a thousand watchers are shown the text is made once. */
const texts = new WeakMap<object, string>();

function eventText(event: Json): string {
  const { type, object } = event as { readonly type: string; readonly object: JsonObject };
  let text = texts.get(object);
  if (text === undefined) texts.set(object, text = JSON.stringify(object));
  return `{"type":"${type}","object":${text}}\n`;
}

function refuse(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, body } = renderStatus(thrown);
  sendText(response, code, `${JSON.stringify(body)}\n`, { 'content-type': 'application/json', ...(code === 413 ? { connection: 'close' } : {}) });
}
