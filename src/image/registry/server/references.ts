import { parseImageDocument } from '#image/oci/image-document.ts';

/** Digests of all that a manifest or index names, by which a collection knows what is needed. */
export function referencesOf(bytes: Uint8Array): string[] {
  const document = parseImageDocument(new TextDecoder().decode(bytes));
  if (document.kind === 'index') return document.index.manifests.map(({ digest }) => digest);
  return [document.manifest.config.digest, ...document.manifest.layers.map(({ digest }) => digest)];
}
