import type { Brand } from '#base/brand.ts';
import type { Hasher } from '#base/hasher.ts';
import { digestOfHex, parseDigest, type Digest } from './digest.ts';

/** Names a layer together with all that lie below it (OCI image spec, config.md, "Layer ChainID"). Has the form of a digest. */
export type ChainId = Brand<string, 'ChainId'>;

const utf8 = new TextEncoder();

/** `parent` is undefined for the lowest layer, whose chain id is its diff id. */
export function chainId(hasher: Hasher, parent: ChainId | undefined, diffId: Digest): ChainId {
  if (parent === undefined) return diffId as string as ChainId;
  return digestOfHex(hasher.sha256(utf8.encode(`${parent} ${diffId}`))) as string as ChainId;
}

/** The chain id of each layer, lowest first. */
export function chainIds(hasher: Hasher, diffIds: readonly Digest[]): ChainId[] {
  const chain: ChainId[] = [];
  for (const diffId of diffIds) chain.push(chainId(hasher, chain.at(-1), diffId));
  return chain;
}

/** The 64 hex digits, as part of a path. */
export function chainHex(chain: ChainId): string {
  return chain.slice('sha256:'.length);
}

/** Throws `invalid`. */
export function parseChainId(text: string): ChainId {
  return parseDigest(text) as string as ChainId;
}
