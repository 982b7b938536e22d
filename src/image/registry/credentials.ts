import type { JsonObject } from '#base/json.ts';

/** What a user has for one registry: a password, a refresh token from an earlier login, or a bearer token as it is. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string }
  | { readonly kind: 'registry-token'; readonly token: string };

export const NO_CREDENTIALS: Credentials = { kind: 'none' };

/** Docker's `AuthConfig`: the strongest of what it holds. Fields that are no strings count as absent. */
export function credentialsOf(config: JsonObject): Credentials {
  const text = (key: string): string => {
    const value = config[key];
    return typeof value === 'string' ? value : '';
  };
  const [username, password] = [text('username'), text('password')];
  if (text('registrytoken') !== '') return { kind: 'registry-token', token: text('registrytoken') };
  if (text('identitytoken') !== '') return { kind: 'identity-token', token: text('identitytoken') };
  if (username !== '' && password !== '') return { kind: 'password', username, password };
  return NO_CREDENTIALS;
}

const utf8 = new TextEncoder();

/** RFC 7617. */
export function basicHeader({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${utf8.encode(`${username}:${password}`).toBase64()}`;
}
