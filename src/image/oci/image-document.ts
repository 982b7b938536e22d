import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { INDEX_FIELDS, readIndex, type ImageIndex } from './index.ts';
import { MANIFEST_FIELDS, readManifest, type Manifest } from './manifest.ts';
import { bareMediaType, isIndexType, isManifestType, MEDIA_TYPE } from './media-type.ts';
import { Shape } from './_shape.ts';
import { parseStrictJson } from './strict-json.ts';

export type ImageDocument =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'index'; readonly index: ImageIndex };

/** What registries accept (OCI distribution spec recommends 4 MiB). */
export const MAX_DOCUMENT_BYTES = 4 << 20;

/**
 * A manifest or an index. It must have one meaning only (CVE-2021-41190): no duplicate keys, not the fields of both, and
 * the same type in its `mediaType`, in the `contentType` it came with and by its content. Throws `invalid`.
 */
export function parseImageDocument(text: string, contentType?: string): ImageDocument {
  if (text.length > MAX_DOCUMENT_BYTES) throw new GantryError('too-large', `the manifest has more than ${MAX_DOCUMENT_BYTES} bytes`);
  const value = parseStrictJson(text, 'the manifest');
  const shape = new Shape(value, 'the manifest', [...MANIFEST_FIELDS, ...INDEX_FIELDS]);
  const given = contentType === undefined ? undefined : bareMediaType(contentType);
  refuseSchema1(shape, given);
  const mediaType = agreedType(shape.string('mediaType'), given, structuralType(shape));
  const document = value as JsonObject;
  return isIndexType(mediaType)
    ? { kind: 'index', index: readIndex(document, mediaType) }
    : { kind: 'manifest', manifest: readManifest(document, mediaType) };
}

function refuseSchema1(shape: Shape, given: string | undefined): void {
  const version = shape.integer('schemaVersion');
  const old = version === 1 || Object.hasOwn(shape.value, 'fsLayers') || given?.startsWith('application/vnd.docker.distribution.manifest.v1') === true;
  if (old) {
    throw new GantryError('invalid', 'the image has a Docker schema 1 manifest, which cannot be verified', {
      hint: 'Push the image again with a current client.',
    });
  }
  if (version !== 2) throw new GantryError('invalid', `the manifest has the schema version ${version ?? 'none'}, expected 2`);
}

/** Presence counts, also of null and empty fields: another reader may take them for what they are called. */
function structuralType(shape: Shape): 'manifest' | 'index' {
  const has = (key: string) => Object.hasOwn(shape.value, key);
  const index = has('manifests');
  const manifest = has('layers') || has('config');
  if (index && manifest) throw new GantryError('invalid', 'the manifest is ambiguous: it has the fields of an image and of an index');
  if (!index && !manifest) throw new GantryError('invalid', 'the manifest has neither layers nor manifests');
  return index ? 'index' : 'manifest';
}

function agreedType(stated: string | undefined, given: string | undefined, structure: 'manifest' | 'index'): string {
  if (stated !== undefined && given !== undefined && stated !== given) {
    throw new GantryError('invalid', `the manifest says it is ${JSON.stringify(stated)} but came as ${JSON.stringify(given)}`);
  }
  const mediaType = stated ?? given ?? (structure === 'index' ? MEDIA_TYPE.ociIndex : MEDIA_TYPE.ociManifest);
  const fits = structure === 'index' ? isIndexType(mediaType) : isManifestType(mediaType);
  if (!fits) throw new GantryError('invalid', `the manifest has the type ${JSON.stringify(mediaType)} but the fields of ${structure === 'index' ? 'an index' : 'an image'}`);
  return mediaType;
}
