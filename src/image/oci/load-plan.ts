import type { Hasher } from '#base/hasher.ts';
import type { Digest } from './digest.ts';
import type { ImageConfig } from './image-config.ts';
import type { Platform } from './platform.ts';
import type { EntryType } from './tar/entry.ts';

/** One member of the archive, named as it stands there. */
export interface ArchiveMember {
  readonly name: string;
  readonly type: EntryType;
  readonly size: number;
  readonly linkName: string;
}

export interface LoadedImage {
  /** Digest of the config, which is the image's id. */
  readonly id: Digest;
  readonly config: ImageConfig;
  /** The config as it is in the archive, to be stored byte for byte. */
  readonly configBytes: Uint8Array;
  /** Lowest first. */
  readonly layers: readonly LoadedLayer[];
  /** Full names with tags: `docker.io/library/nginx:latest`. */
  readonly tags: readonly string[];
}

export interface LoadedLayer {
  /** Member of the archive that has the layer's tar, plain or compressed. */
  readonly member: string;
  /** What the uncompressed tar must hash to. */
  readonly diffId: Digest;
}

/** Either all that is to be done, or the documents to read first: then ask again with them. */
export type LoadPlan =
  | { readonly kind: 'needs'; readonly documents: readonly string[] }
  | { readonly kind: 'plan'; readonly images: readonly LoadedImage[] };

export interface LoadInput {
  readonly members: readonly ArchiveMember[];
  /** Contents by name of the members that were asked for. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  readonly hasher: Hasher;
  /** Of an image with several platforms only the one for this is loaded, where there is one. Absent: all. */
  readonly platform?: Platform;
}
