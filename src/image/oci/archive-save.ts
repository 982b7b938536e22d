import type { Hasher } from '#base/hasher.ts';
import { annotated, attest, imageIndex, imageLine, type DocumentBytes, type IndexLine, type Predicate } from './attestation.ts';
import { digestHex, digestOfHex, type Digest } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import type { Platform } from './platform.ts';
import { familiarName, familiarReference, formatReference, parseReference } from './reference.ts';
import type { ByteString } from './tar/byte-string.ts';
import { textToByteString } from './tar/byte-string.ts';
import type { TarEntry } from './tar/entry.ts';

export interface SavedImage {
  readonly configBytes: Uint8Array;
  /** Lowest first; `size` is that of the uncompressed tar. */
  readonly layers: readonly { readonly diffId: Digest; readonly size: number }[];
  /** Full names with tags, those that the user asked for. */
  readonly tags: readonly string[];
  /** What is said about it. Then the archive names it by an index that has both. */
  readonly attested?: { readonly platform: Platform; readonly predicates: readonly Predicate[] };
}

/** A layer as its tar, or as it is compressed. */
export interface SavedLayer {
  readonly diffId: Digest;
  readonly size: number;
  readonly blob?: { readonly digest: Digest; readonly size: number; readonly mediaType: string };
}

/** An image of one platform, as a build writes it. */
export interface SavedPlatform extends Omit<SavedImage, 'tags' | 'attested'> {
  readonly layers: readonly SavedLayer[];
  readonly platform: Platform;
  readonly predicates: readonly Predicate[];
  /** Of its manifest, and of the manifest's line in the index. */
  readonly annotations: { readonly manifest: Readonly<Record<string, string>>; readonly manifestDescriptor: Readonly<Record<string, string>> };
}

export interface SavedIndex {
  readonly platforms: readonly SavedPlatform[];
  /** Full names with tags. */
  readonly tags: readonly string[];
  /** Of the index, and of its own descriptor. */
  readonly annotations: { readonly index: Readonly<Record<string, string>>; readonly indexDescriptor: Readonly<Record<string, string>> };
}

/** One member of the archive, in order. */
export interface SavedMember {
  readonly entry: TarEntry;
  readonly content:
    | { readonly kind: 'none' }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    /** The tar of this layer, compressed where its image says so. */
    | { readonly kind: 'layer'; readonly diffId: Digest };
}

const utf8 = new TextEncoder();
const EMPTY = '' as ByteString;

/**
 * The archive of `docker save`: at once the format of Docker (`manifest.json`) and an OCI layout (`index.json`), as since
 * Docker 25, so that any engine and tool can read it. The same images give the same bytes.
 */
export function planSave(images: readonly SavedImage[], hasher: Hasher): SavedMember[] {
  const blobs = new Map<Digest, SavedMember>();
  const add = ({ digest, bytes }: Pick<DocumentBytes, 'digest' | 'bytes'>): void => {
    blobs.set(digest, file(blobName(digest), bytes));
  };
  const index: object[] = [];
  const docker: object[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const image of images) {
    const { manifest, config, layers } = savedManifest(image, hasher);
    for (const { diffId, size } of image.layers) {
      blobs.set(diffId, { entry: fileEntry(blobName(diffId), size), content: { kind: 'layer', diffId } });
    }
    add({ digest: config.digest, bytes: image.configBytes });
    add(manifest);
    const top = attestedTop(image, manifest, hasher, add);
    const descriptor = { mediaType: top.mediaType, digest: top.digest, size: top.bytes.length };
    index.push(...(image.tags.length === 0 ? [descriptor] : image.tags.map((tag) => ({ ...descriptor, annotations: annotate(tag) }))));
    docker.push({
      Config: blobName(config.digest),
      RepoTags: image.tags.length === 0 ? null : image.tags.map((tag) => familiarReference(parseReference(tag))),
      Layers: layers.map(({ digest }) => blobName(digest)),
      LayerSources: Object.fromEntries(layers.map((layer) => [layer.digest, layer])),
    });
    addRepositories(repositories, image);
  }
  const named = Object.keys(repositories).length > 0;
  return layout(blobs, index, [file('manifest.json', encode(docker))], named ? [file('repositories', encode(repositories))] : []);
}

/** An OCI layout of one name: an index of all platforms, or the manifest of the only one that has no statements. */
export function planIndex({ platforms, tags, annotations }: SavedIndex, hasher: Hasher): { readonly members: SavedMember[]; readonly digest: Digest } {
  const blobs = new Map<Digest, SavedMember>();
  const add = ({ digest, bytes }: Pick<DocumentBytes, 'digest' | 'bytes'>): void => {
    blobs.set(digest, file(blobName(digest), bytes));
  };
  const lines: IndexLine[] = [];
  for (const image of platforms) {
    const { manifest, config } = savedManifest(image, hasher, image.annotations.manifest);
    for (const { diffId, size, blob } of image.layers) {
      const { digest, size: bytes } = blob ?? { digest: diffId, size };
      blobs.set(digest, { entry: fileEntry(blobName(digest), bytes), content: { kind: 'layer', diffId } });
    }
    add({ digest: config.digest, bytes: image.configBytes });
    add(manifest);
    const named = { digest: manifest.digest, mediaType: manifest.mediaType, size: manifest.bytes.length };
    lines.push(imageLine(named, image.platform, image.annotations.manifestDescriptor));
    if (image.predicates.length === 0) continue;
    const said = attest({ manifest: named, platform: image.platform, names: tags, predicates: image.predicates }, hasher);
    for (const document of [...said.blobs, said.manifest]) add(document);
    lines.push(...said.lines.slice(1));
  }
  const only = lines.length === 1 ? lines[0] : undefined;
  const index = only === undefined ? imageIndex(lines, annotations.index, hasher) : undefined;
  if (index !== undefined) add(index);
  const top = index === undefined ? only as IndexLine : { mediaType: index.mediaType, digest: index.digest, size: index.bytes.length };
  const descriptor = (tag?: string): object => ({ ...top, ...annotated({ ...only?.annotations, ...annotations.indexDescriptor, ...(tag === undefined ? {} : annotate(tag)) }) });
  return { members: layout(blobs, tags.length === 0 ? [descriptor()] : tags.map(descriptor), [], []), digest: top.digest };
}

function layout(blobs: ReadonlyMap<Digest, SavedMember>, manifests: readonly object[], before: readonly SavedMember[], after: readonly SavedMember[]): SavedMember[] {
  return [
    directory('blobs/'),
    directory('blobs/sha256/'),
    ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member),
    file('index.json', encode({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests })),
    ...before,
    file('oci-layout', encode({ imageLayoutVersion: '1.0.0' })),
    ...after,
  ];
}

/** The manifest that an archive has of an image: mostly with uncompressed layers, so it is known without reading them. */
export function savedManifest({ configBytes, layers: stored }: { readonly configBytes: Uint8Array; readonly layers: readonly SavedLayer[] }, hasher: Hasher, annotations: Readonly<Record<string, string>> = {}) {
  const layers = stored.map(({ diffId, size, blob }) => (blob === undefined ? { mediaType: MEDIA_TYPE.ociLayer, digest: diffId, size } : { mediaType: blob.mediaType, digest: blob.digest, size: blob.size }));
  const config = { mediaType: MEDIA_TYPE.ociConfig, digest: digestOfHex(hasher.sha256(configBytes)), size: configBytes.length };
  const bytes = encode({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers, ...annotated(annotations) });
  return { manifest: { mediaType: MEDIA_TYPE.ociManifest, digest: digestOfHex(hasher.sha256(bytes)), bytes }, config, layers };
}

function attestedTop({ attested, tags }: SavedImage, manifest: DocumentBytes, hasher: Hasher, add: (document: DocumentBytes) => void): DocumentBytes {
  if (attested === undefined) return manifest;
  const { blobs, manifest: statements, index } = attest({ manifest: { ...manifest, size: manifest.bytes.length }, names: tags, ...attested }, hasher);
  for (const document of [...blobs, statements, index]) add(document);
  return index;
}

function annotate(tag: string): Record<string, string> {
  const reference = parseReference(tag);
  return { 'io.containerd.image.name': formatReference(reference), 'org.opencontainers.image.ref.name': reference.tag ?? '' };
}

/** Only readers from before `manifest.json` look at it; they want the top layer. */
function addRepositories(repositories: Record<string, Record<string, string>>, image: SavedImage): void {
  const top = image.layers.at(-1);
  if (top === undefined) return;
  for (const tag of image.tags) {
    const reference = parseReference(tag);
    const tags = repositories[familiarName(reference)] ??= {};
    tags[reference.tag ?? ''] = digestHex(top.diffId);
  }
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

function encode(value: object): Uint8Array {
  return utf8.encode(JSON.stringify(value));
}

function file(name: string, bytes: Uint8Array): SavedMember {
  return { entry: fileEntry(name, bytes.length), content: { kind: 'bytes', bytes } };
}

function directory(name: string): SavedMember {
  return { entry: { ...fileEntry(name, 0), type: 'directory', mode: 0o755 }, content: { kind: 'none' } };
}

function fileEntry(name: string, size: number): TarEntry {
  return {
    type: 'file', name: textToByteString(name), linkName: EMPTY, mode: 0o644, uid: 0, gid: 0, size,
    modified: { seconds: 0, nanoseconds: 0 }, deviceMajor: 0, deviceMinor: 0, xattrs: new Map(),
  };
}
