import type { Body } from '../transport.ts';

/** A request as it came, with its path still encoded. */
export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  /** The first of that name; undefined where there is none in the query. */
  readonly query: (name: string) => string | undefined;
  /** All of a name that may be there several times. */
  readonly queryAll: (name: string) => readonly string[];
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface RegistryReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
}

const utf8 = new TextEncoder();

export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): RegistryReply {
  const body = utf8.encode(JSON.stringify(value));
  return { status, headers: { 'Content-Type': 'application/json', 'Content-Length': String(body.length), ...headers }, body };
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): RegistryReply {
  return { status, headers: { ...(status === 204 ? {} : { 'Content-Length': '0' }), ...headers } };
}
