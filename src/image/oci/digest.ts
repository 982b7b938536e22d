import type { Brand } from '#base/brand.ts';
import { GantryError } from '#base/error.ts';

/** `sha256:` and 64 lower-case hex digits, checked. Safe as part of a path and of a URL. */
export type Digest = Brand<string, 'Digest'>;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** Throws `invalid`. Other algorithms are refused: nothing here could verify them. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new GantryError('invalid', `invalid digest ${JSON.stringify(shortened(text))}: expected sha256: and 64 lower-case hex digits`);
}

/** From what a `Hasher` answers. */
export function digestOfHex(hex: string): Digest {
  return parseDigest(`sha256:${hex}`);
}

export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
