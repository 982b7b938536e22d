import ffi, { type ArgumentType } from 'node:ffi';

/**
 * System calls that the oldest supported C library has no wrapper for. Those that came with or after Linux 5.1 have one
 * number on all architectures. Answers of -1 go through `check`.
 */
export const pidfdOpen = bind(434, 'i32', 'u32');
/** pidfd, signal, siginfo (null), flags. */
export const pidfdSendSignal = bind(424, 'i32', 'i32', 'pointer', 'u32');
/** File system type, flags. */
export const fsopen = bind(430, 'string', 'u32');
/** Context, command, key, value, auxiliary number. */
export const fsconfig = bind(431, 'i32', 'u32', 'string', 'string', 'i32');
/** Context, flags, mount attributes. */
export const fsmount = bind(432, 'i32', 'u32', 'u32');
/** Directory, path, flags. */
export const openTree = bind(428, 'i32', 'string', 'u32');
/** From (descriptor, path), to (descriptor, path), flags. */
export const moveMount = bind(429, 'i32', 'string', 'i32', 'string', 'u32');
/** Directory, path, flags, struct mount_attr, its size. */
export const mountSetattr = bind(442, 'i32', 'string', 'u32', 'buffer', 'u64');
/** Directory, path, struct open_how, its size. */
export const openat2 = bind(437, 'i32', 'string', 'buffer', 'u64');

function bind<const T extends readonly ArgumentType[]>(number: number, ...types: T) {
  // One handle for each: a handle remembers one signature for a symbol.
  const { functions } = ffi.dlopen('libc.so.6', { syscall: { arguments: ['i64', ...types], return: 'i64' } });
  const call = functions.syscall as unknown as (number: bigint, ...args: Arguments<T>) => bigint;
  return (...args: Arguments<T>): bigint => call(BigInt(number), ...args);
}

type Arguments<T extends readonly ArgumentType[]> = {
  [K in keyof T]: T[K] extends 'i32' | 'u32' ? number : T[K] extends 'u64' ? bigint : T[K] extends 'buffer' ? Uint8Array : string | null
};
