import { isKind } from '#base/error.ts';
import { digestHex, type Digest } from '#image/oci/digest.ts';
import { parseImageDocument } from '#image/oci/image-document.ts';
import type { RepositoryClient } from './repository-client.ts';
import { isBundleType, signaturesOfBundle } from './_sigstore-bundle.ts';

export interface FoundSignature {
  /** The bytes that were signed. */
  readonly signed: Uint8Array;
  /** Base64. */
  readonly signature: string;
  /** Digests that they say the signature is for: worth nothing before it was verified. */
  readonly about: readonly string[];
}

const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const MAX_PAYLOAD_BYTES = 64 << 10;
/** With certificates and entries of a log, which are not looked at. */
const MAX_BUNDLE_BYTES = 1 << 20;
/** Enough for people; a registry could list signatures without end. */
const MAX_SIGNATURES = 64;
const MAX_REFERRERS = 64;

/**
 * Signatures that cosign has put beside an image: as referrers (OCI 1.1), in bundles or not, and under the tag `sha256-<hex>.sig`. What can't be read is passed over.
 */
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
  const text = await client.referrers(digest) ?? await listOfTag(client, digest);
  try {
    const document = parseImageDocument(text);
    return document.kind === 'index' ? document.index.manifests.slice(0, MAX_REFERRERS).map((manifest) => manifest.digest) : [];
  } catch {
    return [];
  }
}

/** Where a registry keeps no list of referrers, who adds one keeps it under a tag ("Referrers Tag Schema" of the distribution spec). */
async function listOfTag(client: RepositoryClient, digest: Digest): Promise<string> {
  try {
    return new TextDecoder().decode((await client.manifest(`sha256-${digestHex(digest)}`)).bytes);
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) return '';
    throw thrown;
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
      if (isBundleType(layer.mediaType)) found.push(...signaturesOfBundle(new TextDecoder().decode(await client.smallBlob(layer, MAX_BUNDLE_BYTES))));
      if (layer.mediaType !== PAYLOAD_TYPE || signature === undefined) continue;
      const signed = await client.smallBlob(layer, MAX_PAYLOAD_BYTES);
      found.push({ signature, signed, about: signedDigest(signed) });
    }
    return found;
  } catch (thrown) {
    // A registry that is down must not look like one without signatures.
    if (isKind(thrown, 'not-found', 'invalid', 'too-large')) return [];
    throw thrown;
  }
}

/** What a "simple signing" payload is about (containers/image, docs/containers-signature.5.md). */
function signedDigest(payload: Uint8Array): string[] {
  try {
    const value = JSON.parse(new TextDecoder().decode(payload)) as { critical?: { image?: Record<string, unknown>; type?: unknown } } | null;
    const isSignature = value?.critical?.type === 'cosign container image signature' || value?.critical?.type === 'https://sigstore.dev/cosign/sign/v1';
    return isSignature ? [String(value.critical?.image?.['docker-manifest-digest'])] : [];
  } catch {
    return [];
  }
}
