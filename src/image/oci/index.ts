import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { parseDescriptor, type Descriptor } from './descriptor.ts';
import { isManifestType } from './media-type.ts';
import { formatPlatform, platformMatch, type Platform } from './platform.ts';
import { present, Shape } from './_shape.ts';

/** One image for several platforms (OCI image spec, image-index.md; Docker manifest list). */
export interface ImageIndex {
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

const MAX_MANIFESTS = 1000;

export const INDEX_FIELDS = ['schemaVersion', 'mediaType', 'artifactType', 'manifests', 'subject', 'annotations', 'layers', 'config', 'fsLayers'];

/** From a document that `parseImageDocument` has found to be an index of this type. */
export function readIndex(document: JsonObject, mediaType: string): ImageIndex {
  const shape = new Shape(document, 'the image index', INDEX_FIELDS);
  const manifests = shape.required('manifests', shape.array('manifests'));
  if (manifests.length > MAX_MANIFESTS) throw new GantryError('too-large', `the image index lists ${manifests.length} manifests, more than ${MAX_MANIFESTS}`);
  return present<ImageIndex>({
    mediaType,
    manifests: manifests.map((item, position) => parseDescriptor(item, `entry ${position + 1} of the image index`)),
    artifactType: shape.string('artifactType'),
    subject: shape.has('subject') ? parseDescriptor(document['subject'], "the image index's subject") : undefined,
    annotations: shape.stringMap('annotations'),
  });
}

/**
 * The manifest that fits best, the first of equals. Entries for no platform (attestations say `unknown/unknown`) never
 * match; an entry without platform counts only where it is the only one. Throws `not-found` with what there is.
 */
export function selectManifest(index: ImageIndex, wanted: Platform): Descriptor {
  const images = index.manifests.filter(({ mediaType }) => isManifestType(mediaType));
  const best = bestManifest(images, wanted);
  if (best !== undefined) return best;
  if (images.length === 1 && images[0]!.platform === undefined) return images[0]!;
  const offered = images.flatMap(({ platform }) => platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)]);
  throw new GantryError('not-found', `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`, {
    hint: offered.length === 0 ? 'The image offers no platform.' : `The image offers ${offered.join(', ')}; choose one with --platform.`,
  });
}

/** The first of those that fit best; undefined where none is for the platform. */
export function bestManifest(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  let best: Descriptor | undefined;
  let bestMatch = 0;
  for (const image of manifests) {
    const match = image.platform === undefined ? 0 : platformMatch(wanted, image.platform);
    if (match > bestMatch) [best, bestMatch] = [image, match];
  }
  return best;
}
