import ffi from 'node:ffi';
import { getSystemErrorMap } from 'node:util';
import { GantryError } from '#base/error.ts';

/**
 * The C library in this process, with what Node's own file system calls cannot do: device nodes, extended attributes,
 * nanoseconds, namespaces. Paths are buffers that end in a NUL, because names in layers are bytes and not text.
 */
export const libc = load();

function load() {
  try {
    return ffi.dlopen('libc.so.6', {
      __errno_location: { arguments: [], return: 'pointer' },
      _exit: { arguments: ['i32'], return: 'void' },
      // files
      open: { arguments: ['buffer', 'i32', 'u32'], return: 'i32' },
      close: { arguments: ['i32'], return: 'i32' },
      ftruncate: { arguments: ['i32', 'i64'], return: 'i32' },
      syncfs: { arguments: ['i32'], return: 'i32' },
      sync_file_range: { arguments: ['i32', 'i64', 'i64', 'u32'], return: 'i32' },
      posix_fadvise: { arguments: ['i32', 'i64', 'i64', 'i32'], return: 'i32' },
      pipe2: { arguments: ['buffer', 'i32'], return: 'i32' },
      fcntl: { arguments: ['i32', 'i32', 'u64'], return: 'i32' },
      poll: { arguments: ['buffer', 'u64', 'i32'], return: 'i32' },
      socketpair: { arguments: ['i32', 'i32', 'i32', 'buffer'], return: 'i32' },
      sendmsg: { arguments: ['i32', 'buffer', 'i32'], return: 'i64' },
      recvmsg: { arguments: ['i32', 'buffer', 'i32'], return: 'i64' },
      ioctl: { arguments: ['i32', 'u64', 'buffer'], return: 'i32' },
      // nodes
      mkdir: { arguments: ['buffer', 'u32'], return: 'i32' },
      mknod: { arguments: ['buffer', 'u32', 'u64'], return: 'i32' },
      symlink: { arguments: ['buffer', 'buffer'], return: 'i32' },
      link: { arguments: ['buffer', 'buffer'], return: 'i32' },
      unlink: { arguments: ['buffer'], return: 'i32' },
      rmdir: { arguments: ['buffer'], return: 'i32' },
      // attributes
      fchown: { arguments: ['i32', 'u32', 'u32'], return: 'i32' },
      fchmod: { arguments: ['i32', 'u32'], return: 'i32' },
      futimens: { arguments: ['i32', 'buffer'], return: 'i32' },
      lchown: { arguments: ['buffer', 'u32', 'u32'], return: 'i32' },
      chmod: { arguments: ['buffer', 'u32'], return: 'i32' },
      utimensat: { arguments: ['i32', 'buffer', 'buffer', 'i32'], return: 'i32' },
      faccessat: { arguments: ['i32', 'buffer', 'i32', 'i32'], return: 'i32' },
      statx: { arguments: ['i32', 'buffer', 'i32', 'u32', 'buffer'], return: 'i32' },
      lsetxattr: { arguments: ['buffer', 'buffer', 'buffer', 'u64', 'i32'], return: 'i32' },
      fsetxattr: { arguments: ['i32', 'buffer', 'buffer', 'u64', 'i32'], return: 'i32' },
      readlinkat: { arguments: ['i32', 'buffer', 'buffer', 'u64'], return: 'i64' },
      listxattr: { arguments: ['buffer', 'buffer', 'u64'], return: 'i64' },
      lgetxattr: { arguments: ['buffer', 'buffer', 'buffer', 'u64'], return: 'i64' },
      llistxattr: { arguments: ['buffer', 'buffer', 'u64'], return: 'i64' },
      // confinement
      unshare: { arguments: ['i32'], return: 'i32' },
      mount: { arguments: ['string', 'string', 'string', 'u64', 'string'], return: 'i32' },
      umount2: { arguments: ['string', 'i32'], return: 'i32' },
      pivot_root: { arguments: ['string', 'string'], return: 'i32' },
      prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
      setgroups: { arguments: ['u64', 'pointer'], return: 'i32' },
      setresuid: { arguments: ['u32', 'u32', 'u32'], return: 'i32' },
      setfsuid: { arguments: ['u32'], return: 'i32' },
      capset: { arguments: ['buffer', 'buffer'], return: 'i32' },
      syscall: { arguments: ['i64', 'i64', 'i64', 'buffer', 'u64'], return: 'i64' },
    }).functions;
  } catch (cause) {
    throw new GantryError('unavailable', 'could not load libc.so.6 with all functions that layers need', {
      hint: 'Gantry needs the GNU C library 2.33 or later (Debian 12, Ubuntu 22.04).', cause,
    });
  }
}

/** The same for the life of the thread. */
const errnoAddress = libc.__errno_location();

export const ERRNO = { EPERM: 1, ENOENT: 2, EINTR: 4, EAGAIN: 11, EEXIST: 17, ENOTDIR: 20, EINVAL: 22, EFBIG: 27, ENOSPC: 28, EROFS: 30, ERANGE: 34, ENODATA: 61, EOPNOTSUPP: 95, EDQUOT: 122 } as const;

/** Only meaningful directly after a call that failed. */
export function lastErrno(): number {
  return ffi.getInt32(errnoAddress);
}

/** `ENOSPC: no space left on device`. */
export function errnoText(errno: number): string {
  const known = getSystemErrorMap().get(-errno);
  return known === undefined ? `errno ${errno}` : `${known[0]}: ${known[1]}`;
}

/** Throws a GantryError that says what was being done where a call answered -1. */
export function check(result: number | bigint, action: string, subject?: string): number {
  if (Number(result) !== -1) return Number(result);
  throw systemError(lastErrno(), action, subject);
}

export function systemError(errno: number, action: string, subject?: string): GantryError {
  const detail = subject === undefined ? {} : { subject };
  if (errno === ERRNO.ENOSPC || errno === ERRNO.EDQUOT) {
    return new GantryError('exhausted', `could not ${action}: no space left on the disk that holds the layers (${errnoText(errno)})`, {
      ...detail, hint: 'Free some space, for example with `docker system prune`.',
    });
  }
  return new GantryError('internal', `could not ${action} (${errnoText(errno)})`, detail);
}
