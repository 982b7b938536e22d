import type { Json, JsonObject } from '#base/json.ts';
import type { WatchEvent } from './watch-events.ts';

export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  /** What the way of authentication says beside: `authentication.kubernetes.io/pod-name`. */
  readonly extra?: ReadonlyMap<string, readonly string[]>;
}

/** Whom a request wants to be seen as (kubernetes.io, "User impersonation"). */
export interface Impersonation {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** A request as the wire brought it, and who sent it. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query, not decoded. */
  readonly path: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent?: string;
  /** All of them, by their names in small letters. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** As it was written, with its query. */
  readonly uri?: string;
  /** Whence it came. */
  readonly sourceIps?: readonly string[];
  /** Takes what the audit log should have beside. */
  readonly annotate?: (key: string, value: string) => void;
  readonly user: User;
  readonly impersonation?: Impersonation;
  /** The body, read up to the bound. @throws StatusError too-large */
  body(): Promise<Uint8Array>;
}

export type ApiResponse =
  | { readonly kind: 'json'; readonly code: number; readonly body: JsonObject; readonly warnings?: readonly string[]; readonly contentType?: string; readonly etag?: string }
  | { readonly kind: 'text'; readonly code: number; readonly body: string; readonly contentType: string }
  | { readonly kind: 'stream'; readonly contentType: string; readonly chunks: AsyncGenerator<Uint8Array> }
  /** Of who stands behind a proxy. */
  | { readonly kind: 'forwarded'; readonly code: number; readonly headers: readonly (readonly [name: string, value: string])[]; readonly chunks: AsyncGenerator<Uint8Array> }
  | { readonly kind: 'watch'; readonly events: AsyncGenerator<WatchEvent>; readonly render: (event: WatchEvent) => Json };

export function json(code: number, body: JsonObject, warnings: readonly string[] = []): ApiResponse {
  return { kind: 'json', code, body, ...(warnings.length === 0 ? {} : { warnings }) };
}

export function single(query: ApiRequest['query'], name: string): string | undefined {
  return query.get(name)?.[0];
}

/** Whatever is not said to be false is true, `?watch` and `?watch=True` as well (apimachinery, pkg/runtime/conversion.go). */
export function isTrue(query: ApiRequest['query'], name: string): boolean {
  const text = single(query, name);
  return text !== undefined && !['false', '0'].includes(text.toLowerCase());
}
