import { GantryError } from '#base/error.ts';
import type { Archive } from './_archive.ts';
import type { LoadedImage } from './load-plan.ts';
import type { Descriptor } from './descriptor.ts';
import { digestHex } from './digest.ts';
import { bestManifest } from './index.ts';
import { parseImageConfig } from './image-config.ts';
import { parseImageDocument } from './image-document.ts';
import { checkRunnable, type Manifest } from './manifest.ts';
import { isIndexType, isManifestType } from './media-type.ts';
import { formatReference, parseReference, withDefaultTag } from './reference.ts';

/** An index may list indexes: one level for the platforms of an image is what exists. */
const MAX_DEPTH = 3;

/** Written by containerd and Docker: the name in full. The OCI's own annotation often has the tag only. */
const FULL_NAME = 'io.containerd.image.name';
const REF_NAME = 'org.opencontainers.image.ref.name';

/** An OCI image layout (image-layout.md). Every blob is checked against its digest. */
export function readOciLayout(archive: Archive): LoadedImage[] {
  if (archive.find('index.json') === undefined) {
    throw new GantryError('invalid', 'the archive has neither a manifest.json nor an index.json', {
      hint: 'It is no image archive. A file system goes in with `docker import`.',
    });
  }
  const layout = archive.document('oci-layout', 'the mark of an OCI layout');
  if (layout !== undefined && !/"imageLayoutVersion"\s*:\s*"1\./.test(new TextDecoder().decode(layout))) {
    throw new GantryError('invalid', 'oci-layout has an unknown version, expected 1.0.0');
  }
  const index = archive.document('index.json', 'its list of images');
  if (index === undefined) return [];
  const document = parseImageDocument(new TextDecoder().decode(index));
  if (document.kind !== 'index') throw new GantryError('invalid', 'index.json is not an image index');
  return document.index.manifests.flatMap((descriptor) => readDescriptor(archive, descriptor, tagsOf(descriptor), 1));
}

function readDescriptor(archive: Archive, descriptor: Descriptor, tags: readonly string[], depth: number): LoadedImage[] {
  const isKnown = isManifestType(descriptor.mediaType) || isIndexType(descriptor.mediaType);
  // Attestations are attached as manifests of no platform.
  if (!isKnown || descriptor.platform?.os === 'unknown') return [];
  if (depth > MAX_DEPTH) throw new GantryError('invalid', `index.json nests indexes more than ${MAX_DEPTH} deep`);
  const bytes = blob(archive, descriptor, 'a manifest');
  if (bytes === undefined) return [];
  const document = parseImageDocument(new TextDecoder().decode(bytes), descriptor.mediaType);
  if (document.kind === 'manifest') return readManifest(archive, document.manifest, tags);
  // Archives often hold the platforms of one machine only.
  const there = document.index.manifests.filter((child) => archive.find(blobName(child)) !== undefined);
  return fitting(archive, there).flatMap((child) => readDescriptor(archive, child, tags, depth + 1));
}

function fitting({ platform }: Archive, manifests: readonly Descriptor[]): readonly Descriptor[] {
  if (platform === undefined) return manifests;
  const fits = bestManifest(manifests, platform);
  return fits === undefined ? manifests : [fits];
}

function readManifest(archive: Archive, manifest: Manifest, tags: readonly string[]): LoadedImage[] {
  checkRunnable(manifest);
  const members = manifest.layers.map((layer) => {
    const member = archive.file(blobName(layer), 'a layer');
    if (member.size !== layer.size) throw sizeMismatch(layer, member.size);
    return member.name;
  });
  const bytes = blob(archive, manifest.config, 'a config');
  if (bytes === undefined) return [];
  const config = parseImageConfig(new TextDecoder().decode(bytes));
  if (config.diffIds.length !== members.length) {
    throw new GantryError('invalid', `the manifest has ${members.length} layers, its config ${config.diffIds.length}`);
  }
  return [{
    id: manifest.config.digest,
    config,
    configBytes: bytes,
    layers: members.map((member, index) => ({ member, diffId: config.diffIds[index]! })),
    tags,
  }];
}

function blob(archive: Archive, descriptor: Descriptor, what: string): Uint8Array | undefined {
  const bytes = archive.document(blobName(descriptor), what);
  if (bytes === undefined) return undefined;
  if (bytes.length !== descriptor.size) throw sizeMismatch(descriptor, bytes.length);
  if (archive.hasher.sha256(bytes) !== digestHex(descriptor.digest)) {
    throw new GantryError('invalid', `the blob ${descriptor.digest} of the archive does not match its digest`);
  }
  return bytes;
}

function blobName({ digest }: Descriptor): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

function sizeMismatch({ digest, size }: Descriptor, actual: number): GantryError {
  return new GantryError('invalid', `the blob ${digest} of the archive has ${actual} bytes, expected ${size}`);
}

/** A bare tag names nothing: such an image is loaded without a name. */
function tagsOf({ annotations }: Descriptor): string[] {
  const name = annotations?.[FULL_NAME] ?? annotations?.[REF_NAME];
  if (name === undefined || (annotations?.[FULL_NAME] === undefined && !/[:/]/.test(name))) return [];
  const reference = parseReference(name);
  return reference.digest === undefined ? [formatReference(withDefaultTag(reference))] : [];
}
