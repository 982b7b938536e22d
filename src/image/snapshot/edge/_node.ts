import { check, ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';

export type NodeType = 'file' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo' | 'socket';

/** What stat(2) says, without following a link. */
export interface NodeStatus {
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  readonly inode: number;
  /** The file system that it is on: inode numbers are unique in one only. */
  readonly fileSystem: number;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly modified: Timestamp;
}

/** inode(7). */
export const FORMAT = { fifo: 0o010000, character: 0o020000, directory: 0o040000, block: 0o060000, file: 0o100000, symlink: 0o120000, socket: 0o140000 } as const;
const FORMAT_MASK = 0o170000;
const TYPE_OF = new Map<number, NodeType>(Object.entries(FORMAT).map(([type, format]) => [format, type as NodeType]));

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const STATX_BASIC = 0x7ff;
export const STATX_BYTES = 256;
const statxBuffer = Buffer.alloc(STATX_BYTES);

/** A path as the C library takes it. Paths are relative to the current directory; the empty one is that itself. */
export function cPath(path: ByteString): Buffer {
  return Buffer.from(path === '' ? '.\0' : `${path}\0`, 'latin1');
}

/** Undefined where there is nothing, also where something on the way is no directory. */
export function statNode(path: ByteString): NodeStatus | undefined {
  if (libc.statx(AT_FDCWD, cPath(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC, statxBuffer) === -1) {
    const errno = lastErrno();
    if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) return undefined;
    throw systemError(errno, `look at ${quoteName(path)}`, `entry ${quoteName(path)}`);
  }
  return readStatx(statxBuffer);
}

/** struct statx of linux/stat.h: the same on all architectures. */
export function readStatx(buffer: Buffer): NodeStatus {
  const mode = buffer.readUInt16LE(28);
  return {
    type: TYPE_OF.get(mode & FORMAT_MASK) ?? 'file',
    mode: mode & 0o7777,
    links: buffer.readUInt32LE(16),
    uid: buffer.readUInt32LE(20),
    gid: buffer.readUInt32LE(24),
    inode: Number(buffer.readBigUInt64LE(32)),
    size: Number(buffer.readBigUInt64LE(40)),
    fileSystem: buffer.readUInt32LE(136) * 2 ** 32 + buffer.readUInt32LE(140),
    modified: { seconds: Number(buffer.readBigInt64LE(112)), nanoseconds: buffer.readUInt32LE(120) },
    deviceMajor: buffer.readUInt32LE(128),
    deviceMinor: buffer.readUInt32LE(132),
  };
}

/** gnu_dev_makedev(3). */
export function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (low & 0xffn) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | ((high & ~0xfffn) << 32n);
}

const timesBuffer = Buffer.alloc(32);

/** Two of struct timespec, for access and modification. The buffer is used again by the next call. */
export function timespecs({ seconds, nanoseconds }: Timestamp): Buffer {
  for (const at of [0, 16]) {
    timesBuffer.writeBigInt64LE(BigInt(seconds), at);
    timesBuffer.writeBigInt64LE(BigInt(nanoseconds), at + 8);
  }
  return timesBuffer;
}

export function setTimes(path: ByteString, time: Timestamp): void {
  check(libc.utimensat(AT_FDCWD, cPath(path), timespecs(time), AT_SYMLINK_NOFOLLOW), `set the time of ${quoteName(path)}`);
}
