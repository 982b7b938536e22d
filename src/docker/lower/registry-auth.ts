import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { credentialsOf, NO_CREDENTIALS, type Credentials } from '#image/registry/credentials.ts';
import { isObject } from '../decode.ts';

/** Base64 of either alphabet, padded or not: clients differ. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const LONGEST = 64 << 10;

/** `X-Registry-Auth`. What can't be read counts as no credentials, as it does for Docker: the registry then says what it wants. */
export function parseRegistryAuth(header: string | undefined): Credentials {
  if (header === undefined || header === '' || header.length > LONGEST || !BASE64.test(header)) return NO_CREDENTIALS;
  try {
    const bytes = Uint8Array.fromBase64(header.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''), { alphabet: 'base64url' });
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Json;
    return isObject(value) ? credentialsOf(value) : NO_CREDENTIALS;
  } catch {
    return NO_CREDENTIALS;
  }
}

/** The body of `POST /auth`. */
export function parseLogin(body: Json | undefined): { readonly server: string; readonly credentials: Credentials } {
  if (!isObject(body)) throw new GantryError('invalid', 'invalid JSON: expected an object');
  const server = body['serveraddress'];
  if (server !== undefined && server !== null && typeof server !== 'string') throw new GantryError('invalid', 'serveraddress is not a string');
  return { server: server ?? '', credentials: credentialsOf(body) };
}
