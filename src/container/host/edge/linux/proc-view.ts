import { close, closeSync } from 'node:fs';
import { check } from './libc.ts';
import { fsconfig, fsmount, fsopen } from './system-call.ts';

const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_CMD_CREATE = 6;
/** One that has seen so few is as fast as a new one, which costs as much as a look among hundreds. */
const MOST_USES = 16;

/**
 * A /proc of our own, mounted nowhere. In `sys/net` of one the kernel looks for a name among those of all network namespaces that anybody
 * ever looked at there, one after the other: in that of the host, where all of them are seen, and in a new one not.
 */
export class ProcView {
  #mount: { readonly fd: number; uses: number } | undefined;

  /** For one namespace's settings; good until it is asked for again. That of the host where the kernel makes no others (before 5.2). */
  path(): string {
    if (this.#mount !== undefined && this.#mount.uses >= MOST_USES) {
      // In the thread pool: the kernel waits until nobody can be on the way in it.
      close(this.#mount.fd, () => {});
      this.#mount = undefined;
    }
    try {
      this.#mount ??= { fd: mountProc(), uses: 0 };
    } catch {
      return '/proc';
    }
    this.#mount.uses += 1;
    return `/proc/self/fd/${this.#mount.fd}`;
  }

  close(): void {
    if (this.#mount !== undefined) closeSync(this.#mount.fd);
    this.#mount = undefined;
  }
}

function mountProc(): number {
  const context = { action: 'make a view of /proc' };
  const blank = check('fsopen', fsopen('proc', FSOPEN_CLOEXEC), context);
  try {
    check('fsconfig', fsconfig(blank, FSCONFIG_CMD_CREATE, null, null, 0), context);
    return check('fsmount', fsmount(blank, FSMOUNT_CLOEXEC, 0), context);
  } finally {
    closeSync(blank);
  }
}
