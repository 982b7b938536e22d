import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { parseDescriptor, type Descriptor } from './descriptor.ts';
import { isConfigType, isLayerType } from './media-type.ts';
import { present, Shape } from './_shape.ts';

/** One image for one platform, or an artifact (OCI image spec, manifest.md; Docker schema 2). */
export interface Manifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Overlay stacks 500 at most (OVL_MAX_STACK). */
const MAX_LAYERS = 500;

export const MANIFEST_FIELDS = ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'subject', 'annotations', 'manifests', 'fsLayers'];

/** From a document that `parseImageDocument` has found to be a manifest of this type. */
export function readManifest(document: JsonObject, mediaType: string): Manifest {
  const shape = new Shape(document, 'the manifest', MANIFEST_FIELDS);
  const layers = shape.required('layers', shape.array('layers'));
  if (layers.length > MAX_LAYERS) throw new GantryError('too-large', `the manifest has ${layers.length} layers, more than ${MAX_LAYERS}`);
  return present<Manifest>({
    mediaType,
    config: parseDescriptor(document['config'], "the manifest's config"),
    layers: layers.map((layer, index) => parseDescriptor(layer, `the manifest's layer ${index + 1}`)),
    artifactType: shape.string('artifactType'),
    subject: shape.has('subject') ? parseDescriptor(document['subject'], "the manifest's subject") : undefined,
    annotations: shape.stringMap('annotations'),
  });
}

/** Throws `invalid` for a manifest that describes something other than a container image: a chart, a signature. */
export function checkRunnable(manifest: Manifest): void {
  if (!isConfigType(manifest.config.mediaType)) {
    throw new GantryError('invalid', `the manifest is no container image: its config is ${JSON.stringify(manifest.config.mediaType)}`);
  }
  const strange = manifest.layers.find(({ mediaType }) => !isLayerType(mediaType));
  if (strange !== undefined) {
    throw new GantryError('invalid', `the manifest is no container image: it has a layer of type ${JSON.stringify(strange.mediaType)}`);
  }
}
