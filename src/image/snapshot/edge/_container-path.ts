import { readlinkSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { byteStringToText, textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { PathStatus } from '../files.ts';
import { nodePath } from './_layer-tree.ts';
import { ERRNO, errnoText, lastErrno, libc } from './_libc.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, cPath, readStatx, STATX_BASIC, STATX_BYTES, type NodeStatus } from './_node.ts';

/** As Docker counts. */
const MAX_LINKS = 255;
const buffer = Buffer.alloc(STATX_BYTES);

/**
 * A path of the container as the kernel takes it from the container's root on. Doubled slashes, `.` and `..` go by their
 * letters, as Docker does it; a slash or a `/.` at the end stays, for it asks for what a link there leads to.
 */
export function containerPath(path: string): ByteString {
  if (path.includes('\0')) throw new GantryError('invalid', 'the path has a NUL in it');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  const end = /(^|\/)\.$/.test(path) ? '/.' : path.endsWith('/') ? '/' : '';
  return textToByteString(kept.length === 0 ? (end === '/.' ? '/.' : '/') : `/${kept.join('/')}${end}`);
}

/** The last part of a path: `d` for `/d/`, `.` for `/d/.`, `/` for the root. */
export function lastPart(path: ByteString): ByteString {
  const parts = path.split('/').filter((part) => part !== '');
  return (parts.at(-1) ?? '/') as ByteString;
}

/** @throws GantryError not-found where nothing is there; invalid where a part of the way is no directory */
export function statPath(path: ByteString, options: { readonly follow: boolean } = { follow: false }): NodeStatus {
  if (libc.statx(AT_FDCWD, cPath(path), options.follow ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC, buffer) !== -1) return readStatx(buffer);
  const errno = lastErrno();
  const text = byteStringToText(path);
  if (errno === ERRNO.ENOENT) throw new GantryError('not-found', `no such file: ${text}`);
  if (errno === ERRNO.ENOTDIR) throw new GantryError('invalid', `lstat ${text}: not a directory`);
  throw new GantryError('invalid', `lstat ${text}: ${errnoText(errno)}`);
}

/** What a client is told of a path. */
export function describePath(path: ByteString): PathStatus {
  return pathStatus(path, statPath(path), resolveLinks);
}

export function pathStatus(path: ByteString, { type, size, mode, modified }: NodeStatus, resolve: (path: ByteString) => ByteString): PathStatus {
  return { name: byteStringToText(lastPart(path)), type, size, mode, modified, linkTarget: type === 'symlink' ? byteStringToText(resolve(path)) : '' };
}

/**
 * Where a path leads with all links followed. What is not there is taken as it stands.
 * @param linkAt the target of a link, undefined for all else
 */
export function resolveLinks(path: ByteString, linkAt: (path: ByteString) => string | undefined = readLink): ByteString {
  const pending = path.split('/').reverse();
  const done: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop()!;
    if (part === '' || part === '.') continue;
    if (part === '..') { done.pop(); continue; }
    const target = linkAt(`/${[...done, part].join('/')}` as ByteString);
    if (target === undefined) { done.push(part); continue; }
    links += 1;
    if (links > MAX_LINKS) throw new GantryError('invalid', `${byteStringToText(path)} leads through too many links`);
    if (target.startsWith('/')) done.length = 0;
    pending.push(...target.split('/').reverse());
  }
  return `/${done.join('/')}` as ByteString;
}

function readLink(path: ByteString): string | undefined {
  try {
    return readlinkSync(nodePath(path), 'latin1');
  } catch {
    return undefined;
  }
}
