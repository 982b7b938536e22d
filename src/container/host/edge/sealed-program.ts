import { closeSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { check, libc } from './linux/libc.ts';
import { errnoOf } from './linux/system-error.ts';

/** linux/memfd.h; MFD_EXEC since 6.3. */
const MFD = { closeOnExec: 1, allowSealing: 2, executable: 0x10 } as const;
/** linux/fcntl.h. */
const F_ADD_SEALS = 1033;
/** F_SEAL_SEAL, _SHRINK, _GROW and _WRITE: runtimes take exactly these for safe. */
const SEALS = 0xf;

/**
 * A container's process could write to the file of a runtime that enters the container, by /proc/PID/exe (CVE-2019-5736). So crun
 * runs itself a second time from a copy that can't be written: it mounts, unmounts and links itself anew for every container and every
 * exec. From a file that is sealed against all writing it needs none, so there is one, as long as the daemon lives.
 */
export class SealedProgram {
  readonly #original: string;
  #copy: { readonly of: string; readonly fd: number } | undefined;

  constructor(original: string) {
    this.#original = original;
  }

  /** To execute it by: of the copy, or of the original where this machine allows no such copy. An upgrade of the program is seen. */
  get path(): string {
    try {
      const { ino, size, mtimeMs } = statSync(this.#original);
      const version = `${ino} ${size} ${mtimeMs}`;
      // What was started by the descriptor of an older copy may not yet have opened it, so that one stays.
      if (this.#copy?.of !== version) this.#copy = { of: version, fd: sealedCopyOf(this.#original) };
      return `/proc/${process.pid}/fd/${this.#copy.fd}`;
    } catch {
      return this.#original;
    }
  }
}

function sealedCopyOf(path: string): number {
  const fd = openMemory(MFD.closeOnExec | MFD.allowSealing | MFD.executable);
  try {
    writeFileSync(fd, readFileSync(path));
    check('fcntl', libc.fcntl(fd, F_ADD_SEALS, SEALS), { action: `seal a copy of ${path}` });
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function openMemory(flags: number): number {
  try {
    return check('memfd_create', libc.memfd_create('runtime', flags), { action: 'make room for a runtime' });
  } catch (thrown) {
    // Without the flag an older kernel makes the same.
    if (errnoOf(thrown) !== 'EINVAL' || (flags & MFD.executable) === 0) throw thrown;
    return openMemory(flags & ~MFD.executable);
  }
}
