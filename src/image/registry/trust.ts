import { GantryError } from '#base/error.ts';
import type { Digest } from '#image/oci/digest.ts';
import { familiarName, fullName, type Reference } from '#image/oci/reference.ts';
import { isBelow } from './registry-config.ts';
import type { RepositoryClient } from './repository-client.ts';
import { findSignatures } from './signatures.ts';

/** Who must have signed what lies below a prefix. */
export interface TrustRule {
  /** A registry, or registry and path; empty for everything. */
  readonly prefix: string;
  readonly action: 'accept' | 'reject' | 'signed';
  /** PEM public keys, one of which must have signed. */
  readonly keys: readonly string[];
}

export interface SignatureVerifier {
  /** Whether `signature` (base64) is that of the payload by the key (PEM): ECDSA P-256, Ed25519 or RSA over SHA-256. */
  verify(key: string, payload: Uint8Array, signature: string): boolean;
}

/** Decides whether an image may come in. */
export class TrustPolicy {
  readonly #rules: readonly TrustRule[];
  readonly #verifier: SignatureVerifier;

  constructor(rules: readonly TrustRule[], verifier: SignatureVerifier) {
    this.#rules = [...rules].sort((a, b) => b.prefix.length - a.prefix.length);
    this.#verifier = verifier;
  }

  /** Before anything is asked of a registry. Throws `forbidden` for what comes in under no circumstances. */
  admit(reference: Reference): void {
    const rule = this.#ruleFor(reference);
    if (rule?.action === 'reject') throw new GantryError('forbidden', `${familiarName(reference)} is refused by ${placeOf(rule)} of the trust policy`);
  }

  /** By the rule with the longest prefix; without one everything is taken. Throws `forbidden` with the rule. */
  async check(reference: Reference, digest: Digest, client: RepositoryClient): Promise<void> {
    const rule = this.#ruleFor(reference);
    if (rule?.action !== 'signed') return;
    let seen = 0;
    for await (const { signed, signature, about } of findSignatures(client, digest)) {
      seen += 1;
      if (!rule.keys.some((key) => this.#verifier.verify(key, signed, signature))) continue;
      if (about.includes(digest)) return;
    }
    const found = seen === 0 ? 'it has no signature' : `none of its ${seen} signatures is by a key of the rule`;
    throw new GantryError('forbidden', `${familiarName(reference)}@${digest} is refused by ${placeOf(rule)} of the trust policy: ${found}`, { hint: 'Sign it with cosign sign --key, or change the policy file.' });
  }

  #ruleFor(reference: Reference): TrustRule | undefined {
    const name = fullName(reference);
    return this.#rules.find(({ prefix }) => prefix === '' || isBelow(name, prefix));
  }
}

function placeOf({ prefix }: TrustRule): string {
  return prefix === '' ? 'the default rule' : `the rule for ${prefix}`;
}
