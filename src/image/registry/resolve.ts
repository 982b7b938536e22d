import { GantryError, isKind } from '#base/error.ts';
import type { Descriptor } from '#image/oci/descriptor.ts';
import { parseImageConfig, type ImageConfig } from '#image/oci/image-config.ts';
import { parseImageDocument } from '#image/oci/image-document.ts';
import { selectManifest, type ImageIndex } from '#image/oci/index.ts';
import { checkRunnable, type Manifest } from '#image/oci/manifest.ts';
import { platformMatch, type Platform } from '#image/oci/platform.ts';
import { familiarReference, type Reference } from '#image/oci/reference.ts';
import type { FetchedDocument, ManifestInfo, RepositoryClient } from './repository-client.ts';

/** Where a name was found, and what it stands for there. */
export interface Located {
  readonly client: RepositoryClient;
  readonly info: ManifestInfo;
}

/** An image of one platform, read down to its config: all but the layers. */
export interface ResolvedImage {
  /** The index, if there is one, then the manifest. */
  readonly documents: readonly FetchedDocument[];
  /** Statements about this image that the index lists. */
  readonly attestations: readonly { readonly digest: string; readonly predicateTypes: readonly string[] }[];
  readonly manifest: Manifest;
  readonly manifestDigest: string;
  readonly config: ImageConfig;
  /** The config as its digest covers it. */
  readonly configBytes: Uint8Array;
}

const MAX_ATTESTATIONS = 16;
const MAX_CONFIG_BYTES = 8 << 20;

/** Asks the sources in turn; a mirror that fails is passed over. Throws `not-found` in Docker's words. */
export async function locate(sources: readonly RepositoryClient[], reference: Reference): Promise<Located> {
  for (const [position, client] of sources.entries()) {
    const isLast = position === sources.length - 1;
    try {
      const info = await client.head(reference.digest ?? reference.tag ?? '');
      if (info !== undefined) return { client, info };
    } catch (thrown) {
      if (isLast || !isKind(thrown, 'unavailable', 'unauthorized', 'forbidden', 'not-found', 'internal')) throw thrown;
    }
  }
  throw new GantryError('not-found', `manifest for ${familiarReference(reference)} not found: manifest unknown: manifest unknown`);
}

/**
 * Reads the documents of an image for a platform, each verified against the digest that led to it. An index leads to a
 * manifest in one step: what nests deeper, or is no image, is refused (`invalid`, `not-found`).
 */
export async function resolveImage({ client, info }: Located, platform: Platform): Promise<ResolvedImage> {
  const top = await client.manifest(info.digest, info);
  const document = parseImageDocument(new TextDecoder().decode(top.bytes), top.mediaType);
  if (document.kind === 'manifest') return readImage(client, document.manifest, top, platform);
  const chosen: Descriptor = selectManifest(document.index, platform);
  const child = await client.manifest(chosen.digest, chosen);
  const inner = parseImageDocument(new TextDecoder().decode(child.bytes), chosen.mediaType);
  if (inner.kind !== 'manifest') throw new GantryError('invalid', `the image index lists ${chosen.digest} as a manifest, but it is an index`);
  const image = await readImage(client, inner.manifest, child, platform);
  return { ...image, documents: [top, child], attestations: await readAttestations(client, document.index, chosen.digest) };
}

async function readImage(client: RepositoryClient, manifest: Manifest, document: FetchedDocument, platform: Platform): Promise<ResolvedImage> {
  checkRunnable(manifest);
  const configBytes = await client.smallBlob(manifest.config, MAX_CONFIG_BYTES);
  const config = parseImageConfig(new TextDecoder().decode(configBytes));
  if (config.diffIds.length !== manifest.layers.length) {
    throw new GantryError('invalid', `the manifest has ${manifest.layers.length} layers, its config ${config.diffIds.length}`);
  }
  if (config.os !== '' && config.os !== platform.os) {
    throw new GantryError('invalid', `image operating system "${config.os}" cannot be used on this platform: operating system is not supported`);
  }
  return { documents: [document], attestations: [], manifest, manifestDigest: document.digest, config, configBytes };
}

/** As BuildKit attaches them: manifests of no platform that name the image in an annotation. What can't be read is left out. */
async function readAttestations(client: RepositoryClient, index: ImageIndex, image: string): Promise<ResolvedImage['attestations']> {
  const about = index.manifests.filter(({ annotations }) => annotations?.['vnd.docker.reference.digest'] === image).slice(0, MAX_ATTESTATIONS);
  const found: { digest: string; predicateTypes: string[] }[] = [];
  for (const descriptor of about) {
    try {
      const { bytes, mediaType } = await client.manifest(descriptor.digest, descriptor);
      const document = parseImageDocument(new TextDecoder().decode(bytes), mediaType);
      if (document.kind !== 'manifest') continue;
      found.push({ digest: descriptor.digest, predicateTypes: document.manifest.layers.flatMap(({ annotations }) => annotations?.['in-toto.io/predicate-type'] ?? []) });
    } catch (thrown) {
      if (!isKind(thrown, 'invalid', 'not-found', 'too-large')) throw thrown;
    }
  }
  return found;
}

/** Whether an image of this config runs where the platform is asked for. */
export function isOfPlatform(config: { readonly os: string; readonly architecture: string; readonly variant?: string }, wanted: Platform): boolean {
  return config.architecture === '' || platformMatch(wanted, config) > 0;
}
