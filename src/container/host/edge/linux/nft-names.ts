import { GantryError } from '#base/error.ts';

/** What may stand in a firewall command. A strict set of characters: nothing is escaped, so that nothing can be missed. */

/** The name of a table, chain, set or map, unquoted. nft's keywords pass: give names a prefix of your own. */
export function nftName(name: string): string {
  return guard(name, /^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'a name in the firewall');
}

/** The name of a link, with its quotes. */
export function nftLink(name: string): string {
  return `"${guard(name, /^[A-Za-z0-9_.-]{1,15}$/, 'the name of a link in the firewall')}"`;
}

/** A comment with its quotes; the kernel keeps 127 bytes. */
export function nftComment(text: string): string {
  return `"${guard(text, /^[A-Za-z0-9 _.,:/@=+-]{0,127}$/, 'a comment in the firewall')}"`;
}

function guard(text: string, allowed: RegExp, role: string): string {
  if (allowed.test(text)) return text;
  throw new GantryError('invalid', `not allowed as ${role}: ${JSON.stringify(text)}`);
}
