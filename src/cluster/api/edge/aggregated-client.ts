import { lookup, type LookupAddress } from 'node:dns';
import { STATUS_CODES, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest, type Agent, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '#base/error.ts';
import type { AggregatedServers, ServerDocument } from '../aggregation/aggregated-servers.ts';
import type { AggregatedTarget } from '../aggregation/aggregated-target.ts';
import { IDENTITY_PREFIX, identityHeaders } from '../aggregation/identity-headers.ts';
import type { ApiRequest, ApiResponse, User } from '../api-request.ts';
import { isProxyable } from '../proxy/proxy-target.ts';
import { StatusError } from '../status.ts';
import { answerPieces } from './answer-pieces.ts';
import { KeptAgents } from './kept-agents.ts';
import { passedAnswer, passedHeaders } from './passed-headers.ts';

/** The front proxy's own certificate and key; PEM. */
export interface ProxyIdentity {
  readonly cert: string;
  readonly key: string;
}

const LARGEST_DOCUMENT = 4 * 1024 * 1024;
const ASK_MS = 5000;
const CONNECT_MS = 30_000;
/** Upstream's bound of a request that is no watch; one has begun to answer by then. */
const ANSWER_MS = 60_000;
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const REDIRECTED = 'the backend attempted to redirect this request, which is not permitted';

/** Speaks to servers of aggregated APIs as the front proxy. No redirect is followed, and none is passed on: who asked would take his credentials along. */
export class AggregatedClient implements AggregatedServers {
  readonly #identity: ProxyIdentity;
  readonly #agents = new KeptAgents();

  constructor(identity: ProxyIdentity) {
    this.#identity = identity;
  }

  async ask(target: AggregatedTarget, path: string, accept: string, user: User): Promise<ServerDocument> {
    const limit = AbortSignal.timeout(ASK_MS);
    try {
      const answer = await this.#send(target, { method: 'GET', path, headers: { accept, 'user-agent': 'kube-aggregator', ...named(user) }, signal: limit }, new Uint8Array());
      return { code: answer.statusCode ?? 502, body: await readWhole(answer) };
    } catch (thrown) {
      throw new StatusError('unavailable', limit.aborted ? 'context deadline exceeded' : messageOf(thrown), {});
    }
  }

  async forward(target: AggregatedTarget, request: ApiRequest): Promise<ApiResponse> {
    const body = await request.body();
    const headers = { ...headersOf(request.headers ?? {}, request), ...(body.length > 0 || WITH_BODY.has(request.method) ? { 'content-length': body.length } : {}) };
    const answer = await this.#send(target, { method: request.method, path: request.uri ?? request.path, headers, timeout: CONNECT_MS }, body).catch((thrown: unknown) => {
      throw notReached(target, thrown);
    });
    if (!isRedirect(answer)) return { kind: 'forwarded', code: answer.statusCode ?? 502, headers: passedAnswer(answer), chunks: answerPieces(answer) };
    answer.destroy();
    return { kind: 'text', code: 502, body: REDIRECTED, contentType: 'text/plain; charset=utf-8' };
  }

  /** Leads a connection that asks for another protocol on, once the server has taken it up; whatever else it answers ends the connection, so that nothing behind it is heard in another's name (CVE-2018-1002105). */
  async connect(target: AggregatedTarget, request: ApiRequest, incoming: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void> {
    const headers = { ...headersOf(incoming.headers, request), connection: 'Upgrade', upgrade: incoming.headers.upgrade ?? '' };
    await new Promise<void>((resolve, reject) => {
      const sent = bounded(httpsRequest({ ...this.#options(target), agent: false, method: request.method, path: request.uri ?? request.path, headers, timeout: CONNECT_MS }));
      sent.once('upgrade', (answer: IncomingMessage, onward: Duplex, first: Uint8Array) => {
        socket.write(headText(answer, ['Connection: Upgrade', `Upgrade: ${answer.headers.upgrade ?? ''}`]));
        if (first.length > 0) socket.write(first);
        if (head.length > 0) onward.write(head);
        onward.on('error', () => socket.destroy()).once('close', () => socket.destroy());
        socket.once('close', () => onward.destroy());
        socket.pipe(onward).pipe(socket);
        resolve();
      });
      sent.once('response', (answer) => {
        if (isRedirect(answer)) {
          answer.destroy();
          socket.end(`HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${REDIRECTED.length}\r\nConnection: close\r\n\r\n${REDIRECTED}`);
        } else {
          socket.write(headText(answer, ['Connection: close']));
          answer.pipe(socket);
        }
        resolve();
      });
      sent.once('error', (thrown) => reject(notReached(target, thrown)));
      socket.once('close', () => sent.destroy());
      sent.end();
    });
  }

  close(): void {
    this.#agents.close();
  }

  async #send(target: AggregatedTarget, options: RequestOptions, body: Uint8Array): Promise<IncomingMessage> {
    // A connection that was kept may be gone by now, which for what can't be asked twice is learned too late.
    const mayRepeat = REPEATABLE.has(options.method ?? 'GET') && body.length === 0;
    const once = (agent: Agent | false): Promise<IncomingMessage> => new Promise((resolve, reject) => {
      const sent = bounded(httpsRequest({ ...this.#options(target), ...options, agent }));
      sent.once('response', resolve).once('error', (thrown: NodeJS.ErrnoException) => reject(sent.reusedSocket && thrown.code === 'ECONNRESET' ? new StaleConnection() : thrown));
      // A server may take up what nobody asked for.
      sent.once('upgrade', (_answer, socket: Duplex) => {
        socket.destroy();
        reject(new StatusError('unavailable', 'the server changed the protocol without being asked'));
      });
      sent.end(body);
    });
    if (!mayRepeat) return await once(false);
    return await once(this.#agents.of(target)).catch(async (thrown: unknown) => {
      if (!(thrown instanceof StaleConnection)) throw thrown;
      return await once(false);
    });
  }

  #options({ host, port, serverName, isInsecure, authority }: AggregatedTarget): RequestOptions & { readonly ALPNProtocols: string[] } {
    return { host, port, servername: serverName, cert: this.#identity.cert, key: this.#identity.key, rejectUnauthorized: !isInsecure, lookup: proxyableLookup, ALPNProtocols: ['http/1.1'], ...(authority === undefined ? {} : { ca: authority }) };
  }
}

class StaleConnection extends StatusError {
  constructor() {
    super('unavailable', 'the connection was closed before the server was asked');
  }
}

/** Of the answers to a name those that a proxy may go to, and then to these: it can't be another one by then. */
const proxyableLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (fault, found: LookupAddress[]) => {
    const allowed = fault === null ? found.filter(({ address }) => isProxyable(address)) : [];
    const [first] = allowed;
    if (first === undefined) callback(fault ?? new StatusError('unavailable', `address not allowed: ${host}`), '', 4);
    else if (options.all === true) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

/** What a client sent, without what it says of itself or of others, and who asks. */
function headersOf(headers: IncomingHttpHeaders, { user, sourceIps = [] }: ApiRequest): OutgoingHttpHeaders {
  const kept = Object.entries(passedHeaders(headers)).filter(([name]) => !name.replaceAll('_', '-').startsWith(IDENTITY_PREFIX));
  return { ...Object.fromEntries(kept), 'x-forwarded-for': sourceIps.join(', '), ...named(user) };
}

function named(user: User): OutgoingHttpHeaders {
  const byName = Map.groupBy(identityHeaders(user), ([name]) => name);
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.map(([, value]) => value)]));
}

function headText(answer: IncomingMessage, more: readonly string[]): string {
  const code = answer.statusCode ?? 502;
  return [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`, ...passedAnswer(answer).map(([name, value]) => `${name}: ${value}`), ...more, '', ''].join('\r\n');
}

/** An answer that has begun may be silent for as long as it likes. */
function bounded(sent: ClientRequest): ClientRequest {
  const timer = setTimeout(() => sent.destroy(new StatusError('interrupted', 'request did not complete within the allotted timeout')), ANSWER_MS);
  const done = (): void => clearTimeout(timer);
  return sent.once('response', done).once('upgrade', done).once('close', done).once('timeout', () => {
    if (sent.socket?.connecting === true) sent.destroy(new StatusError('unavailable', 'i/o timeout'));
  });
}

const isRedirect = ({ statusCode = 0, headers }: IncomingMessage): boolean => statusCode >= 300 && statusCode <= 399 && headers.location !== undefined;

function notReached({ host, port }: AggregatedTarget, thrown: unknown): StatusError {
  if (thrown instanceof StatusError && thrown.kind === 'interrupted') return thrown;
  return new StatusError('unavailable', `error trying to reach service: dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}: ${messageOf(thrown)}`);
}

async function readWhole(answer: IncomingMessage): Promise<Uint8Array> {
  const found: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_DOCUMENT) {
      answer.destroy();
      throw new StatusError('unavailable', `the answer has more than ${LARGEST_DOCUMENT} bytes`);
    }
    found.push(piece);
  }
  return Buffer.concat(found);
}
