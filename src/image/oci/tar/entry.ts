import type { ByteString } from './byte-string.ts';

export type EntryType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** A run of stored bytes of a sparse file; what lies between runs is a hole. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** Seconds and nanoseconds since the epoch; `seconds` may be negative, `nanoseconds` is 0 to 999,999,999. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** One member of an archive, after its extension headers were applied. */
export interface TarEntry {
  readonly type: EntryType;
  /** As in the archive: not cleaned, not checked. */
  readonly name: ByteString;
  /** Target of a symbolic link, name of the earlier entry of a hard link, else empty. */
  readonly linkName: ByteString;
  /** Permission bits with set-id and sticky, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Logical size of a file in bytes; 0 for all other types. */
  readonly size: number;
  readonly modified: Timestamp;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Values are bytes: file capabilities are binary. */
  readonly xattrs: ReadonlyMap<ByteString, Uint8Array>;
  /** Present for sparse files: in order, without overlap, inside `size`. The data events carry these runs only. */
  readonly sparse?: readonly Segment[];
}
