import { GantryError } from '#base/error.ts';
import { classOfAddress } from './address-class.ts';

/**
 * Which addresses a connection may end at. It is checked when the connection is there, on the address and not on the name:
 * a name can lead to one address when it is looked at and to another when it is used (CVE-2026-33990).
 */
export type Reach =
  /** The user named this host: wherever it is. */
  | { readonly kind: 'any' }
  /** A registry named it: a public address, or the one that the registry itself has. */
  | { readonly kind: 'public'; readonly besides: string };

export const ANYWHERE: Reach = { kind: 'any' };

/** Throws `forbidden`. `own` are the addresses of the host in `besides`. */
export function checkAddress(reach: Reach, host: string, address: string, own: readonly string[]): void {
  if (reach.kind === 'any' || classOfAddress(address) === 'public' || own.includes(address)) return;
  throw new GantryError('forbidden', `the registry ${reach.besides} leads to ${host}, which has the private address ${address}: nothing is sent there`, {
    hint: `If ${host} belongs to that registry, tell the daemon so: --trust-host ${host}`,
  });
}

/** The token server of a challenge, if the registry at `origin` may name it. Throws `forbidden` and `invalid`. */
export function checkRealm(realm: string, origin: string, trustedHosts: readonly string[]): { readonly url: URL; readonly reach: Reach } {
  const from = new URL(origin);
  const url = parseUrl(realm, `the realm of ${from.host}`);
  const isNamed = isOwn(url, from, trustedHosts);
  // Credentials in the clear only where the registry itself is spoken to so, and to nobody else.
  const fits = url.protocol === 'https:' || (url.protocol === 'http:' && from.protocol === 'http:' && isNamed);
  if (!fits) throw new GantryError('forbidden', `the registry ${from.host} wants the credentials sent to ${url.origin}, unencrypted or by another way: refused`);
  return { url, reach: reachOf(url, from, trustedHosts) };
}

/** Where a redirect leads, and whether what authenticates may go along. Throws `forbidden` and `invalid`. */
export function checkRedirect(location: string, from: string, registry: string, trustedHosts: readonly string[]): { readonly url: string; readonly reach: Reach; readonly keepsAuthorization: boolean } {
  const [before, own] = [new URL(from), new URL(registry)];
  const url = parseUrl(location, `a redirect of ${before.host}`, from);
  const fits = url.protocol === 'https:' || (url.protocol === 'http:' && before.protocol === 'http:');
  if (!fits) throw new GantryError('forbidden', `the registry ${own.host} redirects from ${before.protocol}// to ${url.protocol}//: refused`);
  return { url: url.href, reach: reachOf(url, own, trustedHosts), keepsAuthorization: url.origin === own.origin };
}

function reachOf(url: URL, own: URL, trustedHosts: readonly string[]): Reach {
  return isOwn(url, own, trustedHosts) ? ANYWHERE : { kind: 'public', besides: own.hostname };
}

function isOwn(url: URL, own: URL, trustedHosts: readonly string[]): boolean {
  return url.hostname === own.hostname || trustedHosts.includes(url.hostname) || trustedHosts.includes(url.host);
}

function parseUrl(text: string, what: string, base?: string): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch (cause) {
    throw new GantryError('invalid', `${what} is no URL: ${JSON.stringify(text.slice(0, 200))}`, { cause });
  }
  if (url.username !== '' || url.password !== '') throw new GantryError('invalid', `${what} holds credentials of its own`);
  return url;
}
