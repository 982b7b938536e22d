import { closeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { ERRNO, errnoText, lastErrno, libc } from './_libc.ts';
import { openat2 } from './_mount-calls.ts';
import { AT_SYMLINK_NOFOLLOW, cPath, readStatx, STATX_BASIC, STATX_BYTES, type NodeStatus } from './_node.ts';

const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const O_NOFOLLOW = 0o400000;
const O_DIRECTORY = 0o200000;
const RESOLVE = { noXdev: 0x01n, noMagicLinks: 0x02n, inRoot: 0x10n } as const;
const HOW_BYTES = 24;
const MOST_ATTEMPTS = 100;
const AT_EMPTY_PATH = 0x1000;
const EMPTY_PATH = Buffer.alloc(1);
const PATH_BYTES = 4096;

const statx = Buffer.alloc(STATX_BYTES);
const link = Buffer.alloc(PATH_BYTES);

/** Follows the last link, too, and takes nothing but a directory. */
export const DIRECTORY = O_DIRECTORY;
/** What is at the name, were it a link. */
export const NODE = O_NOFOLLOW;

/**
 * Runs a function with a descriptor (O_PATH) of what a path means below a directory that is taken for the root: the kernel
 * (openat2(2)) follows links and `..` inside of it, and no path into what is mounted below. Nothing is opened that could be
 * read, so neither FIFO nor lease holds it up.
 * @throws GantryError not-found where nothing is there; unavailable for all that it does not do
 */
export function at<T>(root: number, path: ByteString, kind: typeof DIRECTORY | typeof NODE, run: (descriptor: number) => T): T {
  const descriptor = openAt(root, path, kind);
  try {
    return run(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same; who calls closes it. */
export function openAt(root: number, path: ByteString, kind: typeof DIRECTORY | typeof NODE): number {
  const how = Buffer.alloc(HOW_BYTES);
  how.writeBigUInt64LE(BigInt(O_PATH | O_CLOEXEC | kind), 0);
  how.writeBigUInt64LE(RESOLVE.inRoot | RESOLVE.noMagicLinks | RESOLVE.noXdev, 16);
  let errno = 0;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const descriptor = Number(openat2(root, cPath(path), how, BigInt(HOW_BYTES)));
    if (descriptor !== -1) return descriptor;
    errno = lastErrno();
    // Something was renamed or mounted, anywhere on the machine, while a `..` was followed.
    if (errno !== ERRNO.EAGAIN) break;
  }
  if (errno === ERRNO.ENOENT) throw new GantryError('not-found', 'nothing is there');
  throw notHere(errnoText(errno));
}

/** A child does it. */
export function notHere(reason: string): GantryError {
  return new GantryError('unavailable', `not to be done in this process: ${reason}`);
}

export function statOf(descriptor: number): NodeStatus {
  if (libc.statx(descriptor, EMPTY_PATH, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BASIC, statx) === -1) throw notHere(errnoText(lastErrno()));
  return readStatx(statx);
}

/** The target of a link that is held open. */
export function linkOf(descriptor: number): ByteString {
  const size = Number(libc.readlinkat(descriptor, EMPTY_PATH, link, BigInt(PATH_BYTES)));
  if (size === -1 || size === PATH_BYTES) throw notHere('a link can not be read');
  return link.toString('latin1', 0, size) as ByteString;
}

/** By which what is held open is opened for more, whatever its name means by now. */
export function heldPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
