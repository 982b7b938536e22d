import { check, lastErrno } from './libc.ts';
import { openat2 } from './system-call.ts';

const ENOENT = 2;
const ENOTDIR = 20;
const O_PATH_CLOEXEC = 0o10000000n | 0o2000000n;
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_IN_ROOT = 0x10n;
const HOW_BYTES = 24;

/**
 * A descriptor (O_PATH) of what a path means below a directory, which is taken for the root: links, also absolute ones and
 * `..`, end inside (openat2(2)). Undefined where there is nothing. The caller closes it.
 */
export function openInRoot(root: number, path: string): number | undefined {
  const how = Buffer.alloc(HOW_BYTES);
  how.writeBigUInt64LE(O_PATH_CLOEXEC, 0);
  how.writeBigUInt64LE(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, 16);
  const descriptor = Number(openat2(root, path === '' ? '.' : path, how, BigInt(HOW_BYTES)));
  if (descriptor === -1 && [ENOENT, ENOTDIR].includes(lastErrno())) return undefined;
  return check('openat2', descriptor, { action: `find ${path} in a container's root` });
}
