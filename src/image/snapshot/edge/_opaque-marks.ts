import ffi from 'node:ffi';
import { closeSync, constants, fsyncSync } from 'node:fs';
import { OVERLAY_OPAQUE } from '#image/oci/whiteout.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { check, libc } from './_libc.ts';
import { AT_FDCWD, cPath } from './_node.ts';

/** openat2(2) has one number on all architectures, and no wrapper in the C library. */
const OPENAT2 = 437n;
const RESOLVE = { noXdev: 1n, noSymlinks: 4n, beneath: 8n } as const;
const HOW_BYTES = 24n;

const { functions: calls } = ffi.dlopen('libc.so.6', {
  syscall: { arguments: ['i64', 'i64', 'buffer', 'buffer', 'u64'], return: 'i64' },
});

/**
 * Marks directories as opaque for overlay. The process that unpacked the layer may not set this attribute, and what it
 * answers is not trusted: a path that is a link somewhere, or leads out of the layer, is refused by the kernel.
 */
export function markOpaque(layer: string, paths: readonly ByteString[]): void {
  if (paths.length === 0) return;
  const root = openDirectory(AT_FDCWD, Buffer.from(`${layer}\0`), 0n, layer);
  try {
    for (const path of paths) {
      const directory = openDirectory(root, cPath(path), RESOLVE.noXdev | RESOLVE.noSymlinks | RESOLVE.beneath, `a directory in ${layer}`);
      try {
        check(libc.fsetxattr(directory, cPath(OVERLAY_OPAQUE), Buffer.from('y'), 1n, 0), `mark a directory of ${layer} as opaque`);
        fsyncSync(directory);
      } finally {
        closeSync(directory);
      }
    }
  } finally {
    closeSync(root);
  }
}

function openDirectory(at: number, path: Buffer, resolve: bigint, what: string): number {
  // struct open_how: flags, mode, resolve.
  const how = Buffer.alloc(Number(HOW_BYTES));
  how.writeBigUInt64LE(BigInt(constants.O_RDONLY | constants.O_DIRECTORY), 0);
  how.writeBigUInt64LE(resolve, 16);
  return check(calls.syscall(OPENAT2, BigInt(at), path, how, HOW_BYTES), `open ${what}`);
}
