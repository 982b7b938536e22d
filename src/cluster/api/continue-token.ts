import { expired } from './refusals.ts';

/** Where the next page of a list begins, and of which state it is a page. */
export interface ContinueToken {
  readonly revision: number;
  readonly after: string;
}

export function writeContinue({ revision, after }: ContinueToken): string {
  return new TextEncoder().encode(JSON.stringify({ v: 1, rv: revision, after })).toBase64({ alphabet: 'base64url', omitPadding: true });
}

/** @throws StatusError 410 for what is no token of ours */
export function readContinue(text: string): ContinueToken {
  try {
    const { rv, after } = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(text, { alphabet: 'base64url' }))) as { rv?: unknown; after?: unknown };
    if (typeof rv === 'number' && Number.isSafeInteger(rv) && typeof after === 'string') return { revision: rv, after };
  } catch {
    // Refused below.
  }
  throw expired('continue key is not valid: list again without it');
}
