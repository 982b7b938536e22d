import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, errors, exportJWK, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { JsonObject } from '#base/json.ts';
import { ISSUER, type TokenSigner } from '#cluster/api/access/service-account-tokens.ts';

const ALGORITHM = 'ES256';

export interface TokenKeys extends TokenSigner {
  /** RFC 7517, for those who check tokens themselves. */
  readonly keySet: JsonObject;
}

/** The key that signs the tokens of service accounts; made once, in `directory`. */
export async function openTokenKeys(directory: string): Promise<TokenKeys> {
  const privateKey = createPrivateKey(readOrMake(join(directory, 'service-account.key'), directory));
  const publicKey = createPublicKey(privateKey);
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    keySet: { keys: [{ use: 'sig', kid, alg: ALGORITHM, ...jwk } as JsonObject] },
    sign: async (claims) => await new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: ALGORITHM, kid }).sign(privateKey),
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer: ISSUER, algorithms: [ALGORITHM], requiredClaims: ['exp', 'sub', 'aud'] });
        return payload as JsonObject;
      } catch (thrown) {
        if (thrown instanceof errors.JOSEError) return undefined;
        throw thrown;
      }
    },
  };
}

function readOrMake(path: string, directory: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    writeFileSync(path, pem, { mode: 0o600 });
    return pem;
  }
}
