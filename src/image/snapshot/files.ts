import type { Cancellation } from '#base/cancellation.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';

/**
 * The files of a container as somebody prepared them: a mount namespace, and the directory in it that is the container's
 * root. Whoever works on them enters the namespace, so a link or a mount of the container can lead nowhere else.
 */
export interface FileView {
  /** Descriptor of the mount namespace. */
  readonly namespace: number;
  /** Absolute path in that namespace. */
  readonly root: string;
  /** Kernel file systems that are taken away first, as `/proc`: they are not the container's files. */
  readonly without: readonly string[];
  /**
   * Descriptor (O_PATH) of the root, where that is an overlay of the engine's own: looking for a name in it waits for nobody.
   * What is mounted below may be anything, and is not looked at by it.
   */
  readonly directory?: number;
}

/** What lstat(2) says of a path. */
export interface PathStatus {
  /** The last part of the path as it was asked for; `.` for `dir/.`. */
  readonly name: string;
  readonly type: 'file' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo' | 'socket';
  readonly size: number;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly modified: Timestamp;
  /** Where a symbolic link leads in the end, as an absolute path; empty for all else. It need not exist. */
  readonly linkTarget: string;
}

export interface FileChange {
  readonly kind: 'modified' | 'added' | 'deleted';
  readonly path: string;
}

export interface WriteOptions {
  /** Refuses a directory in the place of a file, and the other way round; else the newer takes the place. */
  readonly keepsKind: boolean;
  /** Whose the files become; absent: whose the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Work on the files of a container: in a child that sees nothing but the view, or, where it is little and lies in the view's
 * directory, name by name below descriptors of it. Paths are absolute in the container. GantryErrors: `not-found` where nothing is at the path, `invalid` where it can't be what was asked for.
 */
export interface ContainerFiles {
  status(view: FileView, path: string): Promise<PathStatus>;
  /** What is at the path as a tar whose names begin with the path's last part. A link is archived, not followed. */
  read(view: FileView, path: string): Promise<{ readonly status: PathStatus; readonly tar: AsyncIterable<Uint8Array> }>;
  /** Unpacks a tar, plain or compressed, into a directory that is there. */
  write(view: FileView, path: string, tar: AsyncIterable<Uint8Array>, options: WriteOptions, cancellation: Cancellation): Promise<void>;
  /** The root file system alone, without what is mounted in it, as a tar. */
  export(view: FileView): AsyncIterable<Uint8Array>;
  /** @param view has the written layer at `/upper` and the layers below, merged, at `/lower` */
  changes(view: FileView): Promise<readonly FileChange[]>;
}
