/** One way to authenticate that a registry offers (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longer headers are no challenges. */
const MAX_LENGTH = 8192;
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const NEXT_SCHEME = new RegExp(`^[\\s,]*(${TOKEN})(?=\\s|,|$)`);
const NEXT_PARAMETER = new RegExp(`^[\\s,]*(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`);
const TOKEN68 = /^[ \t]+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/;

/** What a `WWW-Authenticate` header offers, in its order. What is no challenge ends the list: nothing is guessed. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  if (header.length > MAX_LENGTH) return challenges;
  let rest = header;
  for (let scheme = NEXT_SCHEME.exec(rest); scheme !== null; scheme = NEXT_SCHEME.exec(rest)) {
    rest = rest.slice(scheme[0].length);
    const parameters = new Map<string, string>();
    for (let found = NEXT_PARAMETER.exec(rest); found !== null; found = NEXT_PARAMETER.exec(rest)) {
      const [whole, name = '', quoted, token = ''] = found;
      // The first one counts, as for the reference client; a second realm is an attempt to be read in two ways.
      if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token);
      rest = rest.slice(whole.length);
    }
    if (parameters.size === 0) rest = rest.replace(TOKEN68, '');
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters });
  }
  return challenges;
}
