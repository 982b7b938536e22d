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
  /** Of a part of the build that it is about, where that is not the image. */
  readonly part?: string;
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

/** A line of an index. */
export interface IndexLine {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform: Platform;
}

export interface AttestationDocuments {
  /** The statements, and the config of their manifest. */
  readonly blobs: readonly DocumentBytes[];
  readonly manifest: DocumentBytes;
  /** Of the image and its statements in an index. */
  readonly lines: readonly IndexLine[];
  /** Of the image and what is said about it. */
  readonly index: DocumentBytes;
}

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v0.1';
const IN_TOTO = 'application/vnd.in-toto+json';
const NO_PLATFORM = { architecture: 'unknown', os: 'unknown' } as const;
const utf8 = new TextEncoder();

/** Statements of in-toto about an image, in a manifest of no platform beside it (BuildKit docs/attestations/attestation-storage.md). */
export function attest({ manifest, platform, names, predicates }: AttestedImage, hasher: Hasher): AttestationDocuments {
  const document = (value: object, mediaType: string): DocumentBytes => documentOf(value, mediaType, hasher);
  const subject = names.map((name) => ({ name: imagePackageUrl(name, platform), digest: { sha256: digestHex(manifest.digest) } }));
  const statements = predicates.map(({ type, value }) => ({ type, ...document({ _type: STATEMENT_TYPE, predicateType: type, subject, predicate: value }, IN_TOTO) }));
  const config = document({ ...NO_PLATFORM, config: {}, rootfs: { type: 'layers', diff_ids: statements.map(({ digest }) => digest) } }, MEDIA_TYPE.ociConfig);
  const attestation = document({
    schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: descriptorOf(config),
    layers: statements.map((statement) => ({ ...descriptorOf(statement), annotations: { 'in-toto.io/predicate-type': statement.type } })),
  }, MEDIA_TYPE.ociManifest);
  const lines: IndexLine[] = [
    imageLine(manifest, platform),
    { ...descriptorOf(attestation), annotations: { 'vnd.docker.reference.digest': manifest.digest, 'vnd.docker.reference.type': 'attestation-manifest' }, platform: NO_PLATFORM },
  ];
  return { blobs: [...statements, config].map(({ digest, mediaType, bytes }) => ({ digest, mediaType, bytes })), manifest: attestation, lines, index: imageIndex(lines, {}, hasher) };
}

/** The line of an image of one platform. */
export function imageLine({ mediaType, digest, size }: AttestedImage['manifest'], { os, architecture, variant }: Platform, annotations: Readonly<Record<string, string>> = {}): IndexLine {
  return { mediaType, digest, size, ...annotated(annotations), platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } };
}

/** Images of several platforms, and what is said about them, under one digest (OCI image spec, image-index.md). */
export function imageIndex(manifests: readonly IndexLine[], annotations: Readonly<Record<string, string>>, hasher: Hasher): DocumentBytes {
  return documentOf({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests, ...annotated(annotations) }, MEDIA_TYPE.ociIndex, hasher);
}

/** The field of a manifest, an index or a line of one; nothing where there are none. */
export function annotated(annotations: Readonly<Record<string, string>>): { readonly annotations?: Readonly<Record<string, string>> } {
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

function documentOf(value: object, mediaType: string, hasher: Hasher): DocumentBytes {
  const bytes = utf8.encode(JSON.stringify(value, undefined, mediaType === IN_TOTO ? undefined : 2));
  return { digest: digestOfHex(hasher.sha256(bytes)), mediaType, bytes };
}

function descriptorOf({ mediaType, digest, bytes }: DocumentBytes): { readonly mediaType: string; readonly digest: Digest; readonly size: number } {
  return { mediaType, digest, size: bytes.length };
}
