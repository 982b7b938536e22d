import type { Json } from '#base/json.ts';
import type { ImageId } from './ids.ts';

export type Propagation = 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';

interface MountPoint {
  /** Absolute path in the container. */
  readonly target: string;
  readonly readonly: boolean;
}

/** A directory or file of the host. `createSource`: an absent directory is made first (`-v`, but not `--mount`). */
export interface BindMount extends MountPoint {
  readonly kind: 'bind';
  readonly source: string;
  readonly propagation: Propagation;
  readonly recursive: boolean;
  /** Read-only goes for mounts below the source too; else those keep their own access. */
  readonly readonlyBelow?: boolean;
  readonly createSource: boolean;
  /** The owner of the source is seen as the container's user, and what that user writes belongs to the owner. */
  readonly mapsOwner?: boolean;
}

/** A named or anonymous volume. `copyUp`: an empty volume takes over what the image has at the target. */
export interface VolumeMount extends MountPoint {
  readonly kind: 'volume';
  readonly volume: string;
  readonly anonymous: boolean;
  readonly copyUp: boolean;
  readonly subpath?: string;
  /** For a volume that is made for this mount. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
}

/** The files of an image, read-only. */
export interface ImageMount extends MountPoint {
  readonly kind: 'image';
  readonly image: ImageId;
  /** As it was asked for. */
  readonly reference: string;
  readonly subpath?: string;
}

/** A tree of layers of its own, with room for what is written to it. It is mounted for this container alone. */
export interface OverlayMount extends MountPoint {
  readonly kind: 'overlay';
  /** Topmost first, and where to mount. Paths are absolute on the host. */
  readonly overlay: { readonly lower: readonly string[]; readonly upper: string; readonly work: string; readonly target: string; readonly options: readonly string[] };
  /** What of it is seen: a real path below its root, without a leading slash. */
  readonly path: string;
}

export interface TmpfsMount extends MountPoint {
  readonly kind: 'tmpfs';
  readonly sizeBytes?: number;
  /** Permission bits, such as 0o1777. */
  readonly mode?: number;
  /** Further options as mount(8) spells them. */
  readonly options: readonly string[];
}

/** What a container sees beside its root file system, whichever front asked for it. */
export type Mount = BindMount | VolumeMount | ImageMount | OverlayMount | TmpfsMount;

/** A volume of this engine's local driver. */
export interface Volume {
  readonly name: string;
  readonly createdNs: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Made for one container, and removed with it where `rm -v` or `--rm` says so. */
  readonly anonymous: boolean;
  /** Its files are being copied from another volume: an intent, until it is done. */
  readonly isFilling?: boolean;
  /** Its files are being moved to this name. */
  readonly movingTo?: string;
  readonly front?: Json;
}
