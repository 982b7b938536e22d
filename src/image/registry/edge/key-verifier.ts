import { createPublicKey, verify } from 'node:crypto';
import type { SignatureVerifier } from '../trust.ts';

/** Signatures by Node's crypto: ECDSA as cosign makes it (ASN.1), Ed25519 and RSA too. */
export class KeyVerifier implements SignatureVerifier {
  verify(key: string, payload: Uint8Array, signature: string): boolean {
    try {
      const publicKey = createPublicKey(key);
      const algorithm = publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
      return verify(algorithm, payload, publicKey, Buffer.from(signature, 'base64'));
    } catch {
      // A key that is none was refused when the policy was read; a signature that is none signs nothing.
      return false;
    }
  }
}
