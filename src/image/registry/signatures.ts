import { isKind } from '#base/error.ts';
import { digestHex, type Digest } from '#image/oci/digest.ts';
import { parseImageDocument } from '#image/oci/image-document.ts';
import type { RepositoryClient } from './repository-client.ts';

export interface FoundSignature {
  readonly payload: Uint8Array;
  /** Base64. */
  readonly signature: string;
}

const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const MAX_PAYLOAD_BYTES = 64 << 10;
/** Enough for people; a registry could list signatures without end. */
const MAX_SIGNATURES = 64;
const MAX_REFERRERS = 64;

/** Signatures that cosign has put beside an image: as referrers (OCI 1.1), and under the tag `sha256-<hex>.sig`. What can't be read is passed over. */
export async function* findSignatures(client: RepositoryClient, digest: Digest): AsyncGenerator<FoundSignature> {
  let left = MAX_SIGNATURES;
  for (const reference of [...await referrersOf(client, digest), `sha256-${digestHex(digest)}.sig`]) {
    for (const found of await readSignatures(client, reference)) {
      if (left === 0) return;
      left -= 1;
      yield found;
    }
  }
}

async function referrersOf(client: RepositoryClient, digest: Digest): Promise<readonly string[]> {
  const text = await client.referrers(digest);
  if (text === undefined) return [];
  try {
    const document = parseImageDocument(text);
    return document.kind === 'index' ? document.index.manifests.slice(0, MAX_REFERRERS).map((manifest) => manifest.digest) : [];
  } catch {
    return [];
  }
}

async function readSignatures(client: RepositoryClient, reference: string): Promise<FoundSignature[]> {
  try {
    const fetched = await client.manifest(reference);
    const document = parseImageDocument(new TextDecoder().decode(fetched.bytes), fetched.mediaType);
    if (document.kind !== 'manifest') return [];
    const found: FoundSignature[] = [];
    for (const layer of document.manifest.layers.slice(0, MAX_SIGNATURES)) {
      const signature = layer.annotations?.[SIGNATURE];
      if (layer.mediaType !== PAYLOAD_TYPE || signature === undefined) continue;
      found.push({ signature, payload: await client.smallBlob(layer, MAX_PAYLOAD_BYTES) });
    }
    return found;
  } catch (thrown) {
    // A registry that is down must not look like one without signatures.
    if (isKind(thrown, 'not-found', 'invalid', 'too-large')) return [];
    throw thrown;
  }
}
