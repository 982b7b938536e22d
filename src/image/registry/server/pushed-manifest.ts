import { messageOf } from '#base/error.ts';
import type { Digest } from '#image/oci/digest.ts';
import { MAX_DOCUMENT_BYTES, parseImageDocument, type ImageDocument } from '#image/oci/image-document.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import type { Manifest } from '#image/oci/manifest.ts';
import { readBytes } from '../read-text.ts';
import type { ManifestLinks } from './content.ts';
import type { RegistryRequest } from './exchange.ts';
import { Fault } from './fault.ts';

export interface PushedManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly links: ManifestLinks;
  /** Blobs that have to be there before. */
  readonly blobs: readonly Digest[];
}

/** The body of a `PUT manifests/`. It must have one meaning only; what it lists of an index need not be there. Throws `MANIFEST_INVALID`. */
export async function readManifest(request: RegistryRequest): Promise<PushedManifest> {
  const contentType = request.header('content-type');
  const bytes = await readBytes({ body: request.body }, MAX_DOCUMENT_BYTES);
  try {
    const document = parseImageDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes), contentType === '' ? undefined : contentType);
    const links = linksOf(document);
    if (document.kind === 'index') return { bytes, mediaType: document.index.mediaType, links, blobs: [] };
    const { manifest } = document;
    return {
      bytes, mediaType: manifest.mediaType, links,
      // Layers that are fetched from elsewhere by their nature need not be here.
      blobs: [manifest.config.digest, ...manifest.layers.filter(({ urls = [] }) => urls.length === 0).map(({ digest }) => digest)],
    };
  } catch (thrown) {
    throw new Fault('MANIFEST_INVALID', messageOf(thrown));
  }
}

/** What a list of referrers says of it. */
export function linksOf(document: ImageDocument): ManifestLinks {
  const { subject, annotations } = document.kind === 'index' ? document.index : document.manifest;
  const artifactType = document.kind === 'index' ? document.index.artifactType : artifactTypeOf(document.manifest);
  return { ...(subject === undefined ? {} : { subject: subject.digest }), ...(artifactType === undefined ? {} : { artifactType }), ...(annotations === undefined ? {} : { annotations }) };
}

/** Distribution spec, "Listing Referrers": the config's type where the manifest itself says none. */
function artifactTypeOf({ artifactType, config }: Manifest): string | undefined {
  return artifactType ?? (config.mediaType === MEDIA_TYPE.dockerConfig ? undefined : config.mediaType);
}
