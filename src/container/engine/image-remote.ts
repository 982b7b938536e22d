import { parseImageConfig } from '#image/oci/image-config.ts';
import { parseImageDocument } from '#image/oci/image-document.ts';
import { isConfigType } from '#image/oci/media-type.ts';
import type { Platform } from '#image/oci/platform.ts';
import { parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import type { Registries } from '#image/registry/registries.ts';
import { locate } from '#image/registry/resolve.ts';
import type { RemoteImage } from './transfer.ts';

const MAX_CONFIG_BYTES = 8 << 20;

/** Reads the documents only: an index tells its platforms itself, an image by its config. */
export async function inspectRemote(registries: Registries, text: string, credentials: Credentials): Promise<RemoteImage> {
  const reference = withDefaultTag(parseReference(text));
  const { client, info } = await locate(registries.sources(reference, credentials), reference);
  const { bytes, mediaType } = await client.manifest(info.digest, info);
  const document = parseImageDocument(new TextDecoder().decode(bytes), mediaType);
  const descriptor = { mediaType, digest: info.digest, size: bytes.length };
  if (document.kind === 'index') return { descriptor, platforms: document.index.manifests.flatMap(({ platform }): Platform[] => (platform === undefined ? [] : [platform])) };
  const { config } = document.manifest;
  if (!isConfigType(config.mediaType)) return { descriptor, platforms: [] };
  const { os, architecture, variant } = parseImageConfig(new TextDecoder().decode(await client.smallBlob(config, MAX_CONFIG_BYTES)));
  return { descriptor, platforms: [{ os, architecture, ...(variant === undefined ? {} : { variant }) }] };
}
