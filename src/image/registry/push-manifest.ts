import type { Digest } from '#image/oci/digest.ts';
import { annotated } from '#image/oci/attestation.ts';
import { parseImageDocument } from '#image/oci/image-document.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';

export interface PushedLayer {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
}

/** A manifest of Docker's schema 2, which registries of every age take. The same layers give the same bytes, in Docker's own layout. */
export function imageManifest(config: { readonly digest: Digest; readonly size: number }, layers: readonly PushedLayer[]): Uint8Array {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.dockerManifest,
    config: { mediaType: MEDIA_TYPE.dockerConfig, size: config.size, digest: config.digest },
    layers: layers.map(({ digest, size, mediaType }) => ({ mediaType: dockerType(mediaType), size, digest })),
  };
  return new TextEncoder().encode(JSON.stringify(manifest, undefined, 3));
}

/** The same in the OCI's types, which stands in an index with what is said about the image. */
export function ociImageManifest(config: { readonly digest: Digest; readonly size: number }, layers: readonly PushedLayer[], annotations: Readonly<Record<string, string>> = {}): Uint8Array {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size, mediaType }) => ({ mediaType: ociType(mediaType), digest, size })),
    ...annotated(annotations),
  };
  return new TextEncoder().encode(JSON.stringify(manifest, undefined, 2));
}

/** The media type of a manifest that has exactly these layers; undefined for another one. */
export function sameLayers(bytes: Uint8Array, layers: readonly PushedLayer[]): string | undefined {
  const document = parseImageDocument(new TextDecoder().decode(bytes));
  if (document.kind !== 'manifest') return undefined;
  const { manifest } = document;
  const same = manifest.layers.length === layers.length && manifest.layers.every(({ digest }, index) => digest === layers[index]?.digest);
  return same ? manifest.mediaType : undefined;
}

/** Docker's types have no zstd: such a layer keeps the OCI's. */
function dockerType(mediaType: string): string {
  if (mediaType === MEDIA_TYPE.ociLayerGzip) return MEDIA_TYPE.dockerLayerGzip;
  return mediaType === MEDIA_TYPE.ociLayer ? MEDIA_TYPE.dockerLayer : mediaType;
}

function ociType(mediaType: string): string {
  if (mediaType === MEDIA_TYPE.dockerLayerGzip) return MEDIA_TYPE.ociLayerGzip;
  return mediaType === MEDIA_TYPE.dockerLayer ? MEDIA_TYPE.ociLayer : mediaType;
}
