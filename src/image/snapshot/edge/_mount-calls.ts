import ffi from 'node:ffi';

/**
 * Calls of the newer interfaces for mounts and paths, which the oldest supported C library does not wrap. Their numbers are the same on all
 * architectures. Answers of -1 go through `check`.
 */
export const openTree = bind<[directory: number, path: string, flags: number]>(428, ['i32', 'string', 'u32']);
export const moveMount = bind<[from: number, fromPath: string, to: number, toPath: string, flags: number]>(429, ['i32', 'string', 'i32', 'string', 'u32']);
export const mountSetattr = bind<[directory: number, path: string, flags: number, attributes: Uint8Array, size: bigint]>(442, ['i32', 'string', 'u32', 'buffer', 'u64']);
/** Path ends in a NUL; struct open_how, its size. */
export const openat2 = bind<[directory: number, path: Uint8Array, how: Uint8Array, size: bigint]>(437, ['i32', 'buffer', 'buffer', 'u64']);

const { functions } = ffi.dlopen('libc.so.6', {
  setns: { arguments: ['i32', 'i32'], return: 'i32' },
  fchdir: { arguments: ['i32'], return: 'i32' },
});

/** Descriptor, kind of namespace. */
export const setns: (descriptor: number, kind: number) => number = functions.setns;
export const fchdir: (descriptor: number) => number = functions.fchdir;

/** One handle for each: a handle remembers one signature for a symbol. */
function bind<T extends readonly unknown[]>(number: number, types: readonly ffi.ArgumentType[]): (...args: T) => bigint {
  const call = ffi.dlopen('libc.so.6', { syscall: { arguments: ['i64', ...types], return: 'i64' } }).functions.syscall as unknown as (...args: unknown[]) => bigint;
  return (...args) => call(BigInt(number), ...args);
}
