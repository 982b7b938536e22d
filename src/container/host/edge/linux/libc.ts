import ffi from 'node:ffi';
import { GantryError } from '#base/error.ts';
import { systemError, type CallContext } from './system-error.ts';

/**
 * The C library in this process. A wrong signature corrupts memory, so each one stands here once, next to its neighbours,
 * and the rest of the folder wraps it in types. Calls are synchronous and cost about a quarter of a microsecond.
 * Buffers passed in are read or written only during the call. Memory that a buffer points to stands in that same buffer
 * (see pointer-vector.ts), so that nothing is collected under a call.
 */
export const libc = load();

function load() {
  try {
    return ffi.dlopen('libc.so.6', {
      __errno_location: { arguments: [], return: 'pointer' },
      // namespaces
      unshare: { arguments: ['i32'], return: 'i32' },
      setns: { arguments: ['i32', 'i32'], return: 'i32' },
      // mounts
      mount: { arguments: ['string', 'string', 'string', 'u64', 'string'], return: 'i32' },
      umount2: { arguments: ['string', 'i32'], return: 'i32' },
      // memory
      malloc_trim: { arguments: ['u64'], return: 'i32' },
      madvise: { arguments: ['pointer', 'u64', 'i32'], return: 'i32' },
      // descriptors
      close: { arguments: ['i32'], return: 'i32' },
      pipe2: { arguments: ['buffer', 'i32'], return: 'i32' },
      read: { arguments: ['i32', 'buffer', 'u64'], return: 'i64' },
      flock: { arguments: ['i32', 'i32'], return: 'i32' },
      syncfs: { arguments: ['i32'], return: 'i32' },
      fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
      memfd_create: { arguments: ['string', 'u32'], return: 'i32' },
      // extended attributes
      lgetxattr: { arguments: ['string', 'string', 'pointer', 'u64'], return: 'i64' },
      lsetxattr: { arguments: ['string', 'string', 'buffer', 'u64', 'i32'], return: 'i32' },
      llistxattr: { arguments: ['string', 'pointer', 'u64'], return: 'i64' },
      lremovexattr: { arguments: ['string', 'string'], return: 'i32' },
      // processes
      waitpid: { arguments: ['i32', 'buffer', 'i32'], return: 'i32' },
      prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
      pthread_sigmask: { arguments: ['i32', 'buffer', 'buffer'], return: 'i32' },
      posix_spawn: { arguments: ['buffer', 'string', 'buffer', 'buffer', 'buffer', 'buffer'], return: 'i32' },
      posix_spawn_file_actions_init: { arguments: ['buffer'], return: 'i32' },
      posix_spawn_file_actions_destroy: { arguments: ['buffer'], return: 'i32' },
      posix_spawn_file_actions_adddup2: { arguments: ['buffer', 'i32', 'i32'], return: 'i32' },
      posix_spawn_file_actions_addopen: { arguments: ['buffer', 'i32', 'string', 'i32', 'u32'], return: 'i32' },
      posix_spawn_file_actions_addclose: { arguments: ['buffer', 'i32'], return: 'i32' },
      posix_spawn_file_actions_addclosefrom_np: { arguments: ['buffer', 'i32'], return: 'i32' },
      posix_spawn_file_actions_addchdir_np: { arguments: ['buffer', 'string'], return: 'i32' },
      posix_spawnattr_init: { arguments: ['buffer'], return: 'i32' },
      posix_spawnattr_destroy: { arguments: ['buffer'], return: 'i32' },
      posix_spawnattr_setflags: { arguments: ['buffer', 'i16'], return: 'i32' },
      posix_spawnattr_setsigmask: { arguments: ['buffer', 'buffer'], return: 'i32' },
      posix_spawnattr_setsigdefault: { arguments: ['buffer', 'buffer'], return: 'i32' },
      // sockets
      if_nametoindex: { arguments: ['string'], return: 'u32' },
      socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
      listen: { arguments: ['i32', 'i32'], return: 'i32' },
      bind: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
      getsockname: { arguments: ['i32', 'buffer', 'buffer'], return: 'i32' },
      connect: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
      send: { arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64' },
      recv: { arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64' },
      shutdown: { arguments: ['i32', 'i32'], return: 'i32' },
      setsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32' },
      getsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'buffer'], return: 'i32' },
    }).functions;
  } catch (cause) {
    throw new GantryError('unavailable', 'could not load libc.so.6 with all functions that the engine needs', {
      hint: 'Gantry needs the GNU C library 2.34 or later (Debian 12, Ubuntu 22.04).', cause,
    });
  }
}

/** The same for the life of the thread, so that reading it costs no second foreign call that could change it. */
const errnoAddress = libc.__errno_location();

/** Only meaningful directly after a call that failed. */
export function lastErrno(): number {
  return ffi.getInt32(errnoAddress);
}

/**
 * The result of a call that answers -1 for failure; throws a GantryError that names the call, the errno and what was
 * being done. `cause` has the errno (`errnoOf`).
 */
export function check(name: string, result: number | bigint, context: CallContext): number {
  const value = Number(result);
  if (value === -1) throw systemError(name, lastErrno(), context);
  return value;
}
