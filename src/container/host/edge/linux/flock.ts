import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { check, libc } from './libc.ts';
import { errnoOf } from './system-error.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

export interface LockFile {
  /** The kernel also does it when the process ends, however it ends. */
  release(): void;
}

/**
 * Takes the exclusive lock of a file, which it makes and in which it leaves the pid for people to read. Throws 'conflict'
 * when another process has it. `subject` is what the lock stands for: `state directory /var/lib/gantry`.
 */
export function lockFile(path: string, subject: string): LockFile {
  const fd = openSync(path, 'a+', 0o600);
  try {
    check('flock', libc.flock(fd, LOCK_EX | LOCK_NB), { action: `lock ${path}`, subject });
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
  } catch (cause) {
    closeSync(fd);
    if (errnoOf(cause) !== 'EAGAIN') throw cause;
    throw new GantryError('conflict', `the ${subject} is in use by process ${readFileSync(path, 'utf8').trim() || 'unknown'}`, {
      subject, cause, hint: 'Stop the other engine first, or give this one another state directory.',
    });
  }
  return { release: () => closeSync(fd) };
}
