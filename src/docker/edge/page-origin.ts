import type { IncomingMessage } from 'node:http';

/*
 * A page must not drive a daemon that its reader's browser can reach, perhaps with a certificate of the reader's. Only browsers send
 * these headers, and programs that pass on what the browser of their own user sent.
 */

/** Whether a page of somebody else asks (Fetch Metadata Request Headers, section 2.2): the header can't be forged by a page. */
export function isOfAnotherSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

/** Whether a page that is not ours asks: stricter, as no browser guards a WebSocket. */
export function isOfAnotherOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && URL.parse(headers.origin)?.host !== headers.host;
}
