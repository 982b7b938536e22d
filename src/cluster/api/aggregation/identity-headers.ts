import type { User } from '../api-request.ts';
import { badRequest } from '../refusals.ts';

/** Names of headers by which a front proxy says who asks (kubernetes.io, "Authenticating", Authenticating Proxy): a client's own of such a name go no further. */
export const IDENTITY_PREFIX = 'x-remote-';
const TOKEN = /^[!#$&'*+\-.^_`|~0-9A-Za-z]$/;

/** Who asks, for a server that believes the proxy. What is not ASCII is UTF-8, a byte a character, as Node writes headers. @throws StatusError invalid where a name has what no header may have */
export function identityHeaders({ name, uid, groups, extra }: User): readonly (readonly [name: string, value: string])[] {
  return [
    ['X-Remote-User', headerText(name)], ...(uid === undefined || uid === '' ? [] : [['X-Remote-Uid', headerText(uid)] as const]), ...groups.map((group) => ['X-Remote-Group', headerText(group)] as const),
    ...[...extra ?? []].flatMap(([key, values]) => values.map((value) => [`X-Remote-Extra-${headerKey(key)}`, headerText(value)] as const)),
  ];
}

/** Whatever no name of a header may have, and %, as %XX (client-go, transport/round_trippers.go). */
function headerKey(key: string): string {
  return [...new TextEncoder().encode(key.toLowerCase())].map((byte) => (byte < 128 && TOKEN.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join('');
}

function headerText(value: string): string {
  const text = [...new TextEncoder().encode(value)].map((byte) => String.fromCharCode(byte)).join('');
  for (const character of text) {
    const code = character.charCodeAt(0);
    if ((code < 32 && code !== 9) || code === 127) throw badRequest(`${JSON.stringify(value)}, a part of who asks, can't be told in a header`);
  }
  return text;
}
