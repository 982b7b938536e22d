import { lookup as resolveName } from 'node:dns';
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { release } from '#base/bytes.ts';
import { GantryError, isKind, messageOf } from '#base/error.ts';
import { usesProxy, type ProxyEnvironment } from '../proxy-choice.ts';
import { checkAddress, type Reach } from '../reach.ts';
import type { Body, Exchange, Failure, HttpRequest, HttpResponse, SendChunks, Transport } from '../transport.ts';
import { BrokenError, handOver } from './_hand-over.ts';
import { readCertificates, systemAuthorities } from './_certificates.ts';

/** No answer, or no further byte of it, for so long is no connection any more. */
const SILENCE_MS = 60_000;
const KEEP_MS = 10_000;
/** Certificates are read with each agent, so what an administrator puts there counts after this at the latest. */
const AGENT_MS = 60_000;
const MAX_AGENTS = 64;
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN']);
const UNTRUSTED = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|CRL_|EE_)/;
const NOT_TLS = /^(?:EPROTO|ERR_SSL_)/;

export interface HttpTransportOptions {
  /** Certificates by registry, as Docker keeps them: `HOST/{*.crt,*.cert,*.key}`. */
  readonly certificates: string;
  readonly userAgent: string;
  readonly proxies: ProxyEnvironment;
  /** What Node's agents read proxies from. */
  readonly env: NodeJS.ProcessEnv;
}

/** HTTP and TLS by Node's own modules, which are loaded by the first request: a daemon that never pulls has no use for them. */
export class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions;
  readonly #agents = new Map<string, { readonly agent: Agent; readonly madeMs: number }>();
  /** Addresses that hosts were found at when a user named them. */
  readonly #known = new Map<string, Set<string>>();

  constructor(options: HttpTransportOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest): Promise<Exchange> {
    const url = new URL(request.url);
    try {
      return { kind: 'response', response: await this.#exchange(request, url) };
    } catch (thrown) {
      if (thrown instanceof SourceError) throw thrown.cause;
      // What is wrong on this machine is no failure of the connection: another attempt finds it as it is.
      if (isKind(thrown, 'invalid')) throw thrown;
      const failed = failureOf(thrown, url);
      // The next attempt reads the certificates again: somebody may have put the missing one there.
      if (failed.kind === 'failure' && failed.failure === 'untrusted') this.#agents.clear();
      return failed;
    }
  }

  async #exchange(request: HttpRequest, url: URL): Promise<HttpResponse> {
    const { reach } = request;
    const isStream = request.body !== undefined && !(request.body instanceof Uint8Array);
    const isProxied = usesProxy(url, this.#options.proxies);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!isProxied && isIP(host) !== 0) this.#check(reach, host, host);
    const options: RequestOptions = {
      method: request.method, agent: this.#agent(request, url, isProxied, isStream),
      headers: { 'User-Agent': this.#options.userAgent, ...request.headers, ...(request.body instanceof Uint8Array ? { 'Content-Length': String(request.body.length) } : {}) },
    };
    for (let again = false; ; again = true) {
      const sent = start(url, options);
      sent.once('socket', (socket) => this.#remember(reach, host, socket));
      try {
        const sendChunks = url.protocol === 'http:' && !isProxied ? request.sendChunks : undefined;
        return responseOf(await answer(sent, request.body, sendChunks), url, request.lendsBody === true);
      } catch (thrown) {
        // A connection that was kept may have been closed by the other side in the same moment.
        if (again || isStream || !sent.reusedSocket || (thrown as NodeJS.ErrnoException).code !== 'ECONNRESET') throw thrown;
      }
    }
  }

  #agent(request: HttpRequest, url: URL, isProxied: boolean, isStream: boolean): Agent {
    const { certificatesOf, verifiesCertificate, reach } = request;
    const key = JSON.stringify([url.protocol, certificatesOf, verifiesCertificate, reach, isProxied, isStream]);
    const known = this.#agents.get(key);
    if (known !== undefined && performance.now() - known.madeMs < AGENT_MS) return known.agent;
    const lookup: LookupFunction = (name, options, callback) => resolveName(name, { ...options, all: true }, (error, addresses) => {
      try {
        if (error !== null) throw error;
        for (const { address } of addresses) this.#check(reach, name, address);
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      } catch (thrown) {
        callback(thrown as NodeJS.ErrnoException, []);
      }
    });
    const common = {
      keepAlive: !isStream, timeout: SILENCE_MS, keepAliveMsecs: KEEP_MS, maxFreeSockets: 4,
      // `noDelay` and the like stay Node's.
      ...(isProxied ? { proxyEnv: this.#options.env } : { lookup }),
    };
    const agent: Agent = url.protocol === 'http:'
      ? new (process.getBuiltinModule('node:http').Agent)(common)
      : new (process.getBuiltinModule('node:https').Agent)({
        ...common, rejectUnauthorized: verifiesCertificate, minVersion: 'TLSv1.2',
        secureContext: process.getBuiltinModule('node:tls').createSecureContext(tlsFiles(this.#options.certificates, certificatesOf)),
      });
    this.#keep(key, agent);
    return agent;
  }

  /** Registries name hosts without end: the oldest agents go. What they have under way goes on. */
  #keep(key: string, agent: Agent): void {
    this.#agents.delete(key);
    this.#agents.set(key, { agent, madeMs: performance.now() });
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > MAX_AGENTS && oldest !== undefined) this.#agents.delete(oldest);
  }

  #check(reach: Reach, host: string, address: string): void {
    checkAddress(reach, host, address, reach.kind === 'any' ? [] : [...(this.#known.get(reach.besides.replace(/^\[|\]$/g, '')) ?? [])]);
  }

  #remember(reach: Reach, host: string, socket: Socket): void {
    if (reach.kind !== 'any') return;
    const note = (): void => {
      if (socket.remoteAddress === undefined) return;
      const addresses = this.#known.get(host) ?? new Set();
      this.#known.set(host, addresses.add(socket.remoteAddress));
    };
    if (socket.connecting) socket.once('connect', note);
    else note();
  }
}

/** Custom authorities are added to the machine's: a registry's own file does not take the public ones away. */
function tlsFiles(directory: string, host: string): { ca: string[]; cert?: string; key?: string } {
  const { authorities, client } = readCertificates(directory, host);
  return { ca: [...systemAuthorities(), ...authorities], ...(client === undefined ? {} : client) };
}

function start(url: URL, options: RequestOptions): ClientRequest {
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  return request(url, options);
}

/** What a request's own body failed with: no fault of the connection. */
class SourceError extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

function answer(sent: ClientRequest, body: Body | undefined, sendChunks: SendChunks | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new GantryError('unavailable', `nothing came for ${SILENCE_MS / 1000} seconds`)));
    if (body === undefined || body instanceof Uint8Array) sent.end(body);
    else (sendChunks === undefined ? pump(sent, body) : handOver(sent, sendChunks)).catch((thrown: unknown) => {
      reject(thrown instanceof BrokenError ? thrown.cause : new SourceError(thrown));
      sent.destroy();
    });
  });
}

async function pump(sent: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  let isOver = false;
  let wake = (): void => {};
  for (const event of ['close', 'response'] as const) sent.once(event, () => { isOver = true; wake(); });
  for await (const chunk of body) {
    // Until it has gone: the piece may be lent.
    if (!isOver) await new Promise<void>((resolve) => { wake = resolve; sent.write(chunk, () => resolve()); });
    // The registry has answered already: it wants no more.
    if (isOver) return;
  }
  sent.end();
}

function responseOf(message: IncomingMessage, url: URL, lends: boolean): HttpResponse {
  return {
    status: message.statusCode ?? 0,
    header: (name) => {
      const value = message.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: bytesOf(lends ? lent(message) : message, url),
    // Small rests are read, so that the connection can be used again.
    discard: () => void (Number(message.headers['content-length'] ?? Infinity) < 65_536 || message.statusCode === 204 ? message.resume() : message.destroy()),
  };
}

/**
 * Memory is given back when it has been read: that of a piece, and that of what came from the socket, of which Node's parser makes
 * pieces by copying.
 */
async function* lent(message: IncomingMessage): AsyncGenerator<Buffer> {
  const { socket } = message;
  socket.on('data', release);
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      yield chunk;
      release(chunk);
    }
  } finally {
    socket.off('data', release);
  }
}

async function* bytesOf(message: AsyncIterable<Buffer>, url: URL): AsyncGenerator<Uint8Array> {
  try {
    yield* message;
  } catch (cause) {
    if (cause instanceof GantryError) throw cause;
    throw new GantryError('unavailable', `the connection to ${url.host} broke off: ${messageOf(cause)}`, { cause });
  }
}

/** In the words of Docker where there are such: clients show them. */
function failureOf(thrown: unknown, url: URL): Exchange {
  if (isKind(thrown, 'forbidden')) return { kind: 'failure', failure: 'forbidden', message: thrown.message, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) };
  const error = thrown as NodeJS.ErrnoException & { readonly address?: string; readonly port?: number; readonly errors?: readonly NodeJS.ErrnoException[] };
  const { code = '' } = error.errors?.[0] ?? error;
  const failure: Failure = UNREACHABLE.has(code) ? 'unreachable' : UNTRUSTED.test(code) ? 'untrusted' : NOT_TLS.test(code) ? 'not-tls' : 'broken';
  const hints: Partial<Record<Failure, string>> = {
    untrusted: `put the certificate of its authority into certs.d/${url.host}/ca.crt`,
    'not-tls': `if it speaks plain HTTP, start the daemon with --insecure-registry ${url.host}`,
  };
  const reason = failure === 'unreachable' && code === 'ECONNREFUSED' ? `dial tcp ${url.host}: connect: connection refused` : code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? `dial tcp: lookup ${url.hostname}: no such host` : messageOf(error.errors?.[0] ?? error).trim().split('\n')[0] ?? '';
  const hint = hints[failure];
  return { kind: 'failure', failure, message: `Get "${url.origin}/v2/": ${reason}`, ...(hint === undefined ? {} : { hint }) };
}
