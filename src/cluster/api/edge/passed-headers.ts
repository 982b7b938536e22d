import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** Of this connection only (RFC 9110, section 7.6.1), or who asks: neither is for those behind. */
const NOT_PASSED: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host', 'authorization', 'content-length']);

/** The headers of a request that a proxy passes on. */
export function passedHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED.has(name) && !named.has(name) && !name.startsWith('impersonate-') && !name.startsWith('x-forwarded-')));
}

/** The headers of an answer that a proxy passes back, as they were written. */
export function passedAnswer({ rawHeaders }: IncomingMessage): readonly (readonly [name: string, value: string])[] {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    const low = name.toLowerCase();
    if (low === 'content-length' || !NOT_PASSED.has(low)) headers.push([name, value]);
  }
  return headers;
}
