import type { Credentials } from '#image/registry/credentials.ts';
import type { SavedPlatform } from '#image/oci/archive-save.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import type { Descriptor } from '#image/oci/descriptor.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { LayerCompression } from '#image/snapshot/port.ts';
import type { ImageId } from '#container/model/ids.ts';

/** Progress of a pull or push, in the words of Docker, whose clients show them. */
export type TransferStep =
  | { readonly kind: 'message'; readonly text: string; readonly id?: string }
  | { readonly kind: 'layer'; readonly id: string; readonly status: string; readonly current?: number; readonly total?: number }
  /** The last of a push: what the registry has now. */
  | { readonly kind: 'pushed'; readonly tag: string; readonly digest: Digest; readonly size: number };

/** Throws where nobody listens any more: the transfer ends with that. */
export type TransferProgress = (step: TransferStep) => void;

export interface PullRequest {
  /** As a person writes it; no tag means `latest`. */
  readonly reference: string;
  /** All tags of the repository, where the reference has none. */
  readonly allTags?: boolean;
  /** The machine's own where it is absent. */
  readonly platform?: Platform;
  readonly credentials: Credentials;
}

export interface PulledImage {
  readonly id: ImageId;
  /** Of what the name stands for: an index or a manifest. */
  readonly digest: Digest;
  /** False where all of it was there already. */
  readonly isNew: boolean;
}

export interface PushRequest {
  /** A repository as a person writes it. */
  readonly repository: string;
  /** All of the repository's tags where it is absent. */
  readonly tag?: string;
  readonly credentials: Credentials;
}

/** An image of one platform whose layers are here, whether or not it is an image of the engine. */
export interface PushedPlatform {
  readonly configJson: string;
  /** Lowest first; `size` is that of the files. */
  readonly layers: readonly { readonly diffId: string; readonly chain: string; readonly size: number }[];
  readonly predicates: readonly Predicate[];
  readonly annotations: SavedPlatform['annotations'];
}

export interface PushedCompression {
  readonly kind: LayerCompression;
  readonly isForced: boolean;
}

export interface PushIndexRequest {
  /** A full name with a tag. */
  readonly reference: string;
  readonly platforms: readonly PushedPlatform[];
  /** Of the index. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Of layers that have none yet, or of all. Absent: gzip. */
  readonly compression?: PushedCompression;
  readonly credentials: Credentials;
}

/** What a registry has under a name. */
export interface RemoteImage {
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
  readonly platforms: readonly Platform[];
}
