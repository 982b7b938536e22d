import { closeSync, openSync, readlinkSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { libc } from './libc.ts';

/** The size of an `fd_set`: glibc ends a process that gives select(2) a number from here on. */
const FD_SETSIZE = 1024;
/** Sessions at a time, and some for numbers that a thread of Node takes while we open one. */
const SPARES = 8;

/** Numbers below FD_SETSIZE, kept from the start of the process on for libraries that wait by select(2). */
export class LowDescriptors {
  readonly #spares: number[] = [];
  readonly #most: number;

  /** A thread beside the main one keeps none: it has those that it is lent. */
  constructor({ keeps }: { readonly keeps: boolean }) {
    this.#most = keeps ? SPARES : 0;
    this.restore();
  }

  /** One for another thread, which finds none that is free. To be followed by {@link restore} when that has ended. */
  lend(): number | undefined {
    return this.#spares.pop();
  }

  /** In the other thread. */
  adopt(lent: number): void {
    this.#spares.push(lent);
  }

  /** Opens a socket at the lowest number that is free, which is one of those kept. A kernel gives out the lowest. */
  open<T>(open: () => T, close: (opened: T) => void): T {
    for (;;) {
      const spare = this.#spares.pop();
      if (spare === undefined) throw new GantryError('exhausted', `no file descriptor below ${FD_SETSIZE} is free`, { hint: 'the process has that many files open: see /proc/PID/fd' });
      // Not by Node, which complains of a descriptor that another thread has opened.
      libc.close(spare);
      const opened = open();
      if (!isTaken(spare)) return opened;
      // A thread of Node was faster, so what we opened may have any number.
      close(opened);
    }
  }

  /** To be called when something was closed that had one of these numbers. */
  restore(): void {
    while (this.#spares.length < this.#most) {
      const fd = openSync('/dev/null', 'r');
      if (fd >= FD_SETSIZE) {
        closeSync(fd);
        return;
      }
      this.#spares.push(fd);
    }
  }
}

/** By something that is no socket. */
function isTaken(fd: number): boolean {
  try {
    return !readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    // Nobody has it: ours got a lower one.
    return false;
  }
}
