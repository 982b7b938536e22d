import { libc } from './libc.ts';

/** A `sigset_t` of glibc. */
const SIGSET_BYTES = 128;
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;
const every = new Uint8Array(SIGSET_BYTES).fill(0xff);

/**
 * Does it while no signal reaches this thread: they wait, or go to another one. For libraries that take an interrupted
 * system call for a failure, and then leave it open what was done.
 */
export function withSignalsBlocked<T>(act: () => T): T {
  const before = new Uint8Array(SIGSET_BYTES);
  libc.pthread_sigmask(SIG_BLOCK, every, before);
  try {
    return act();
  } finally {
    libc.pthread_sigmask(SIG_SETMASK, before, new Uint8Array(SIGSET_BYTES));
  }
}
