import { check, libc } from './libc.ts';
import { errnoOf } from './system-error.ts';

const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;

/** Symbolic links are not followed in any of these: attributes are those of the link itself. */

/** Undefined when the file has no such attribute. */
export function getXattr(path: string, name: string): Buffer | undefined {
  const context = { action: `read the attribute ${name} of ${path}`, subject: `file ${path}` };
  try {
    return readGrowing((buffer) => check('lgetxattr', libc.lgetxattr(path, name, buffer, BigInt(buffer?.length ?? 0)), context));
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENODATA') return undefined;
    throw thrown;
  }
}

/** `mode`: 'create' refuses an existing one ('conflict'), 'replace' a missing one ('not-found'). */
export function setXattr(path: string, name: string, value: Uint8Array, mode?: 'create' | 'replace'): void {
  const flags = mode === 'create' ? XATTR_CREATE : mode === 'replace' ? XATTR_REPLACE : 0;
  check('lsetxattr', libc.lsetxattr(path, name, value, BigInt(value.length), flags), {
    action: `set the attribute ${name} of ${path}`, subject: `file ${path}`,
  });
}

/** Names with their namespace, in the order of the file system: `user.x`, `trusted.overlay.opaque`. */
export function listXattrs(path: string): readonly string[] {
  const context = { action: `list the attributes of ${path}`, subject: `file ${path}` };
  const names = readGrowing((buffer) => check('llistxattr', libc.llistxattr(path, buffer, BigInt(buffer?.length ?? 0)), context));
  return names.toString('utf8').split('\0').filter((name) => name !== '');
}

/** Answers whether it was there. */
export function removeXattr(path: string, name: string): boolean {
  try {
    check('lremovexattr', libc.lremovexattr(path, name), {
      action: `remove the attribute ${name} of ${path}`, subject: `file ${path}`,
    });
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENODATA') return false;
    throw thrown;
  }
}

/** Most attributes are short: one call. A longer one is asked for its size, and again if it grew in between. */
function readGrowing(read: (buffer: Buffer | null) => number): Buffer {
  let buffer = Buffer.alloc(256);
  for (;;) {
    try {
      return buffer.subarray(0, read(buffer));
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ERANGE') throw thrown;
      buffer = Buffer.alloc(read(null) + 64);
    }
  }
}
