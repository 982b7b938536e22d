import type { Connection } from '#base/connection.ts';
import type { Reach } from './reach.ts';

/**
 * Sends what a body would have, in the chunks of HTTP (RFC 9112, 7.1) but for the last. Ends early where the signal says that nobody wants more.
 * `unavailable` is a failure of the connection; all else that is thrown one of the body.
 */
export type SendChunks = (connection: Connection, signal: AbortSignal) => Promise<void>;

/** A piece of a stream has gone to the kernel before the next is asked for. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Another way to send a body that is a stream, which is taken where the connection is in the clear: then the stream is not read. */
  readonly sendChunks?: SendChunks;
  /** Host whose authorities and client certificates count. */
  readonly certificatesOf: string;
  readonly verifiesCertificate: boolean;
  readonly reach: Reach;
  /** Each piece of the answer's body is good until the next is asked for: its memory is given back then. */
  readonly lendsBody?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Undefined where it is not there; several of one name are joined with commas. */
  header(name: string): string | undefined;
  /** Throws `unavailable` where the connection breaks before the end. Reading it to the end, or leaving the loop, frees the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up the body. */
  discard(): void;
}

/** Why there is no answer. */
export type Failure =
  /** Nobody listens, no such host, no route. */
  | 'unreachable'
  /** The other side speaks no TLS. */
  | 'not-tls'
  /** Its certificate is not to be trusted. */
  | 'untrusted'
  /** It broke off, or took too long. */
  | 'broken'
  /** The address is none to talk to (`checkAddress`). */
  | 'forbidden';

export type Exchange =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly message: string; readonly hint?: string };

/** HTTP as the client of registries needs it. Redirects are not followed, bodies not decoded. Errors of a request's own body are thrown. */
export interface Transport {
  send(request: HttpRequest): Promise<Exchange>;
}
