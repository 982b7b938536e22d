import { GantryError } from '#base/error.ts';
import type { Clock, Timers } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import { planAuth, type TokenRequest } from './auth-plan.ts';
import { parseChallenges } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { faultOf } from './error-body.ts';
import { ANYWHERE, checkRedirect } from './reach.ts';
import { isPassing, retryDelay } from './retry.ts';
import type { Body, Exchange, HttpResponse, SendChunks, Transport } from './transport.ts';
import { readText } from './read-text.ts';

export interface SessionPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly trustedHosts: readonly string[];
  /** The origin of an endpoint that answered last, so that the others are not tried again. */
  readonly knownOrigins: Map<string, string>;
}

export interface SessionRequest {
  readonly method: string;
  /** From `/v2/` on, or a whole URL that the registry gave (`Location`). */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can't be sent twice: such a request is neither repeated nor authenticated again. */
  readonly body?: Body;
  /** As for `HttpRequest`. */
  readonly sendChunks?: SendChunks;
  readonly scopes: readonly string[];
  /** As for `HttpRequest`. */
  readonly lendsBody?: boolean;
}

const MAX_REDIRECTS = 5;
const MAX_TOKEN_BYTES = 64 << 10;
/** A token is used for less than it is good for: clocks differ, and requests take time. */
const TOKEN_MARGIN_MS = 5000;
const DEFAULT_TOKEN_S = 60;
const MAX_TOKEN_S = 24 * 3600;

interface Token { readonly authorization: string; readonly untilMs: number }

/** Requests to one endpoint with one user's credentials: authenticates, follows redirects, and tries again what passes. */
export class RegistrySession {
  readonly endpoint: Endpoint;
  readonly #ports: SessionPorts;
  readonly #credentials: Credentials;
  readonly #tokens = new Map<string, Token>();
  #origin: string | undefined;

  constructor(ports: SessionPorts, endpoint: Endpoint, credentials: Credentials) {
    this.#ports = ports;
    this.endpoint = endpoint;
    this.#credentials = credentials;
    this.#origin = ports.knownOrigins.get(endpoint.host);
  }

  /** The answer, also where it is an error of the registry's. Throws `unavailable`, `unauthorized`, `forbidden`. */
  async send(request: SessionRequest): Promise<HttpResponse> {
    const first = await this.#sendAs(request, this.#tokenFor(request.scopes));
    if (first.status !== 401) return first;
    const challenges = parseChallenges(first.header('www-authenticate') ?? '');
    if (challenges.length === 0) return first;
    const isStream = request.body !== undefined && !(request.body instanceof Uint8Array);
    const text = await readText(first, MAX_TOKEN_BYTES);
    const { scopes } = request;
    const step = planAuth({ challenges, credentials: this.#credentials, origin: this.#origin ?? '', scopes, trustedHosts: this.#ports.trustedHosts });
    if (step.kind === 'header') this.#tokens.set(scopeKey(scopes), { authorization: step.authorization, untilMs: Infinity });
    else this.#tokens.set(scopeKey(scopes), await this.#fetchToken(step.request));
    if (isStream) throw new GantryError('unauthorized', faultOf(401, text, this.endpoint.host).message, { subject: this.endpoint.host });
    return this.#sendAs(request, this.#tokenFor(scopes));
  }

  /** Waits as long as a failed attempt asks for. False where it is time to give up. */
  async pause(attempt: number, retryAfter?: string): Promise<boolean> {
    const [byte = 0] = this.#ports.random.bytes(1);
    const delay = retryDelay(attempt, byte / 256, retryAfter);
    if (delay === undefined) return false;
    await new Promise<void>((resolve) => void this.#ports.timers.after(delay, resolve));
    return true;
  }

  #tokenFor(scopes: readonly string[]): string | undefined {
    const token = this.#tokens.get(scopeKey(scopes));
    return token !== undefined && token.untilMs > this.#ports.clock.monotonicMs() ? token.authorization : undefined;
  }

  async #sendAs(request: SessionRequest, authorization: string | undefined): Promise<HttpResponse> {
    const once = request.body !== undefined && !(request.body instanceof Uint8Array);
    for (let attempt = 1; ; attempt += 1) {
      const exchange = await this.#attempt(request, authorization);
      const passes = exchange.kind === 'response' ? isPassing(exchange.response.status) : exchange.failure === 'broken';
      if (!passes || once || !await this.#patience(exchange, attempt)) return responseOf(exchange);
    }
  }

  async #patience(exchange: Exchange, attempt: number): Promise<boolean> {
    // Where nobody listens that is told at once: who waits for a registry that is down learns nothing from five attempts.
    if (exchange.kind === 'failure') return this.pause(attempt);
    const goesOn = await this.pause(attempt, exchange.response.header('retry-after'));
    if (goesOn) exchange.response.discard();
    return goesOn;
  }

  /** One request, by the origin that is known to answer or by each of them. */
  async #attempt(request: SessionRequest, authorization: string | undefined): Promise<Exchange> {
    if (/^https?:/.test(request.target)) return this.#follow(request, this.#origin ?? '', authorization);
    if (this.#origin !== undefined) {
      const exchange = await this.#follow(request, this.#origin, authorization);
      const isLost = exchange.kind === 'failure' && (exchange.failure === 'not-tls' || exchange.failure === 'unreachable');
      if (!isLost || this.endpoint.origins.length === 1) return exchange;
      // A registry that spoke plain HTTP may have learned TLS since, or the other way round.
      this.#origin = undefined;
    }
    let last: Exchange | undefined;
    for (const origin of this.endpoint.origins) {
      last = await this.#follow(request, origin, authorization);
      if (last.kind === 'response') {
        this.#origin = origin;
        this.#ports.knownOrigins.set(this.endpoint.host, origin);
        return last;
      }
      if (last.failure === 'forbidden') return last;
    }
    return last ?? { kind: 'failure', failure: 'unreachable', message: `there is no way to ${this.endpoint.host}` };
  }

  async #follow(request: SessionRequest, origin: string, authorization: string | undefined): Promise<Exchange> {
    const { endpoint } = this;
    let url = new URL(request.target, origin === '' ? undefined : `${origin}${endpoint.base}`).href;
    let auth = authorization;
    let reach = ANYWHERE;
    let certificatesOf = endpoint.host;
    if (/^https?:/.test(request.target)) {
      // An upload's place may be elsewhere, and then it is no place for credentials.
      const step = checkRedirect(request.target, origin, origin, this.#ports.trustedHosts);
      reach = step.reach;
      if (!step.keepsAuthorization) auth = undefined;
    }
    for (let redirects = 0; ; redirects += 1) {
      const exchange = await this.#ports.transport.send({
        method: request.method, url, headers: { ...request.headers, ...(auth === undefined ? {} : { Authorization: auth }) },
        ...(request.body === undefined ? {} : { body: request.body }), ...(request.sendChunks === undefined ? {} : { sendChunks: request.sendChunks }),
        ...(request.lendsBody === true ? { lendsBody: true } : {}), certificatesOf, verifiesCertificate: endpoint.verifiesCertificate, reach,
      });
      if (exchange.kind === 'failure' || ![301, 302, 303, 307, 308].includes(exchange.response.status)) return exchange;
      const location = exchange.response.header('location');
      if (location === undefined || !['GET', 'HEAD'].includes(request.method)) return exchange;
      exchange.response.discard();
      if (redirects === MAX_REDIRECTS) throw new GantryError('invalid', `the registry ${endpoint.host} redirects more than ${MAX_REDIRECTS} times`);
      const step = checkRedirect(location, url, origin, this.#ports.trustedHosts);
      // Never given back once it was taken away: a chain of redirects is as foreign as its most foreign link.
      if (!step.keepsAuthorization) auth = undefined;
      [url, reach, certificatesOf] = [step.url, step.reach, new URL(step.url).host];
    }
  }

  async #fetchToken(request: TokenRequest): Promise<Token> {
    const { url, method, headers, body, reach } = request;
    const host = new URL(url).host;
    const response = responseOf(await this.#ports.transport.send({
      method, url, headers, certificatesOf: host, verifiesCertificate: this.endpoint.verifiesCertificate, reach, ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
    }));
    const text = await readText(response, MAX_TOKEN_BYTES);
    if (response.status !== 200) {
      const fault = faultOf(response.status, text, host);
      if (response.status !== 401 && response.status !== 403) throw fault;
      // By these words clients know that they should ask for credentials.
      throw new GantryError('unauthorized', /^(?:unauthorized|denied)\b/.test(fault.message) ? fault.message : `unauthorized: ${fault.message}`, { subject: host });
    }
    const { token, expiresIn } = parseToken(text, host);
    return { authorization: `Bearer ${token}`, untilMs: this.#ports.clock.monotonicMs() + expiresIn * 1000 - TOKEN_MARGIN_MS };
  }
}

/** A token server's answer. Throws `invalid`. */
export function parseToken(text: string, host: string): { readonly token: string; readonly expiresIn: number; readonly refreshToken: string | undefined } {
  let value: Readonly<Record<string, unknown>> | null = null;
  try {
    value = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
  } catch { /* told below */ }
  const token = value?.['token'] ?? value?.['access_token'];
  // It becomes a header: no more than what RFC 6750 lets a token be made of.
  if (typeof token !== 'string' || !/^[A-Za-z0-9._~+/-]+=*$/.test(token)) throw new GantryError('invalid', `the token server ${host} answers without a token`);
  const expiresIn = value?.['expires_in'];
  const refreshToken = value?.['refresh_token'];
  return {
    token,
    expiresIn: typeof expiresIn === 'number' && expiresIn > 0 ? Math.min(expiresIn, MAX_TOKEN_S) : DEFAULT_TOKEN_S,
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  };
}

function scopeKey(scopes: readonly string[]): string {
  return scopes.join(' ');
}

/** Throws what a failure means. */
export function responseOf(exchange: Exchange): HttpResponse {
  if (exchange.kind === 'response') return exchange.response;
  const { failure, message, hint } = exchange;
  throw new GantryError(failure === 'forbidden' ? 'forbidden' : 'unavailable', message, hint === undefined ? {} : { hint });
}
