import type { Hasher } from '#base/hasher.ts';
import type { Json } from '#base/json.ts';
import { digestHex, digestOfHex, type Digest } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { imagePackageUrl } from './package-url.ts';
import type { Platform } from './platform.ts';

/** Something that is said about an image: provenance, a bill of materials. */
export interface Predicate {
  /** Such as `https://slsa.dev/provenance/v0.2`. */
  readonly type: string;
  readonly value: Json;
}

export interface DocumentBytes {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface AttestedImage {
  readonly manifest: { readonly digest: Digest; readonly size: number; readonly mediaType: string };
  readonly platform: Platform;
  /** Full names with tags. */
  readonly names: readonly string[];
  readonly predicates: readonly Predicate[];
}

export interface AttestationDocuments {
  /** The statements, and the config of their manifest. */
  readonly blobs: readonly DocumentBytes[];
  readonly manifest: DocumentBytes;
  /** Of the image and what is said about it. */
  readonly index: DocumentBytes;
}

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v0.1';
const IN_TOTO = 'application/vnd.in-toto+json';
const NO_PLATFORM = { architecture: 'unknown', os: 'unknown' } as const;
const utf8 = new TextEncoder();

/** Statements of in-toto about an image, in a manifest of no platform beside it (BuildKit docs/attestations/attestation-storage.md). */
export function attest({ manifest, platform, names, predicates }: AttestedImage, hasher: Hasher): AttestationDocuments {
  const document = (value: object, mediaType: string): DocumentBytes => {
    const bytes = utf8.encode(JSON.stringify(value, undefined, mediaType === IN_TOTO ? undefined : 2));
    return { digest: digestOfHex(hasher.sha256(bytes)), mediaType, bytes };
  };
  const subject = names.map((name) => ({ name: imagePackageUrl(name, platform), digest: { sha256: digestHex(manifest.digest) } }));
  const statements = predicates.map(({ type, value }) => ({ type, ...document({ _type: STATEMENT_TYPE, predicateType: type, subject, predicate: value }, IN_TOTO) }));
  const config = document({ ...NO_PLATFORM, config: {}, rootfs: { type: 'layers', diff_ids: statements.map(({ digest }) => digest) } }, MEDIA_TYPE.ociConfig);
  const attestation = document({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: descriptorOf(config),
    layers: statements.map((statement) => ({ ...descriptorOf(statement), annotations: { 'in-toto.io/predicate-type': statement.type } })),
  }, MEDIA_TYPE.ociManifest);
  const { os, architecture, variant } = platform;
  const index = document({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex,
    manifests: [
      { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size, platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } },
      { ...descriptorOf(attestation), annotations: { 'vnd.docker.reference.digest': manifest.digest, 'vnd.docker.reference.type': 'attestation-manifest' }, platform: NO_PLATFORM },
    ],
  }, MEDIA_TYPE.ociIndex);
  return { blobs: [...statements, config].map(({ digest, mediaType, bytes }) => ({ digest, mediaType, bytes })), manifest: attestation, index };
}

function descriptorOf({ mediaType, digest, bytes }: DocumentBytes): { readonly mediaType: string; readonly digest: Digest; readonly size: number } {
  return { mediaType, digest, size: bytes.length };
}
