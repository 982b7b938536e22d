import { formatTimeNs } from '#base/clock.ts';
import type { PathStatus } from '#image/snapshot/files.ts';

/** Bits of Go's os.FileMode (io/fs.FileMode), which are not those of the kernel. */
const GO_TYPE: Readonly<Record<PathStatus['type'], number>> = {
  file: 0, directory: 2 ** 31, symlink: 2 ** 27, block: 2 ** 26, fifo: 2 ** 25, socket: 2 ** 24, character: 2 ** 26 + 2 ** 21,
};
const GO_SETUID = 2 ** 23;
const GO_SETGID = 2 ** 22;
const GO_STICKY = 2 ** 20;

/** The header X-Docker-Container-Path-Stat, before its base64. */
export function renderPathStat({ name, type, size, mode, modified, linkTarget }: PathStatus) {
  const special = ((mode & 0o4000) === 0 ? 0 : GO_SETUID) + ((mode & 0o2000) === 0 ? 0 : GO_SETGID) + ((mode & 0o1000) === 0 ? 0 : GO_STICKY);
  return {
    name, size, mode: GO_TYPE[type] + special + (mode & 0o777),
    mtime: formatTimeNs(BigInt(modified.seconds) * 1_000_000_000n + BigInt(modified.nanoseconds)), linkTarget,
  };
}
