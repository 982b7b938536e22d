import { GantryError } from '#base/error.ts';
import type { Challenge } from './challenge.ts';
import { basicHeader, type Credentials } from './credentials.ts';
import { checkRealm, type Reach } from './reach.ts';

/** A token server's address and what to ask of it. */
export interface TokenRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A form, for `POST`. */
  readonly body?: string;
  readonly reach: Reach;
}

export type AuthStep =
  | { readonly kind: 'header'; readonly authorization: string }
  | { readonly kind: 'fetch-token'; readonly request: TokenRequest };

export interface AuthSituation {
  readonly challenges: readonly Challenge[];
  readonly credentials: Credentials;
  /** Origin that answered 401. */
  readonly origin: string;
  readonly scopes: readonly string[];
  readonly trustedHosts: readonly string[];
  /** A login wants a refresh token too. */
  readonly wantsIdentityToken?: boolean;
}

const CLIENT = 'gantry';

/**
 * What to do about a 401 (distribution spec, "Token Authentication Specification" and its OAuth2 variant). Bearer goes before
 * basic, since a registry that offers both wants tokens. Throws `unauthorized` where the credentials can't answer, and
 * `forbidden` where answering would send them to somebody else.
 */
export function planAuth(situation: AuthSituation): AuthStep {
  const { challenges, credentials } = situation;
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (credentials.kind === 'registry-token' && challenges.length > 0) return { kind: 'header', authorization: `Bearer ${credentials.token}` };
  if (bearer !== undefined) return { kind: 'fetch-token', request: planToken(bearer, situation) };
  if (challenges.some(({ scheme }) => scheme === 'basic')) {
    if (credentials.kind === 'password') return { kind: 'header', authorization: basicHeader(credentials) };
    // Not as 'unauthorized': a client that is told so asks its user for a password, also where nobody sits in front of it.
    throw new GantryError('forbidden', 'no basic auth credentials', { hint: 'Log in first: gantry login, or docker login.' });
  }
  throw new GantryError('unauthorized', 'the registry refuses the request and offers no way to log in that is known here');
}

function planToken({ parameters }: Challenge, situation: AuthSituation): TokenRequest {
  const { credentials, origin, trustedHosts } = situation;
  const { url, reach } = checkRealm(parameters.get('realm') ?? '', origin, trustedHosts);
  const service = parameters.get('service') ?? '';
  const scopes = [...new Set([...situation.scopes, ...(parameters.get('scope') ?? '').split(' ')])].filter((scope) => scope !== '');
  if (credentials.kind === 'identity-token') {
    const form = encodeForm([
      ['grant_type', 'refresh_token'], ['service', service], ['client_id', CLIENT], ['scope', scopes.join(' ')], ['refresh_token', credentials.token],
    ]);
    return { method: 'POST', url: url.href, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: form, reach };
  }
  const query = encodeForm([
    ...(service === '' ? [] : [['service', service] as const]),
    ...scopes.map((scope) => ['scope', scope] as const),
    ...(credentials.kind === 'password' ? [['account', credentials.username] as const] : []),
    ...(situation.wantsIdentityToken === true ? [['offline_token', 'true'] as const, ['client_id', CLIENT] as const] : []),
  ]);
  const separator = url.search === '' ? '?' : '&';
  return {
    method: 'GET', url: query === '' ? url.href : `${url.href}${separator}${query}`, reach,
    headers: credentials.kind === 'password' ? { Authorization: basicHeader(credentials) } : {},
  };
}

function encodeForm(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}
