import { constants } from 'node:os';
import { isKind } from '#base/error.ts';
import { check, libc } from './libc.ts';
import { anyStream } from './pipe.ts';
import { pidfdOpen } from './system-call.ts';

export interface ExitStatus {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

const WNOHANG = 1;
const POLL_MS = 20;

/** The first name of a number counts: SIGABRT, not SIGIOT. */
const SIGNAL_NAMES: ReadonlyMap<number, NodeJS.Signals> =
  new Map(Object.entries(constants.signals).toReversed().map(([name, number]) => [number, name as NodeJS.Signals]));

/**
 * Reaps a child of this process; throws 'not-found' if it is none. With `noHang`: undefined while it runs. Without, the
 * whole event loop stands still until it ends.
 */
export function waitPid(pid: number, options: { readonly noHang: true }): ExitStatus | undefined;
export function waitPid(pid: number): ExitStatus;
export function waitPid(pid: number, options: { readonly noHang?: boolean } = {}): ExitStatus | undefined {
  const status = Buffer.alloc(4);
  const reaped = check('waitpid', libc.waitpid(pid, status, options.noHang === true ? WNOHANG : 0), {
    action: `wait for process ${pid}`, subject: `process ${pid}`,
  });
  return reaped === 0 ? undefined : decodeStatus(status.readInt32LE(0));
}

/** wait(2): the low seven bits are the signal, the next byte the code. */
export function decodeStatus(status: number): ExitStatus {
  const signal = status & 0x7f;
  if (signal === 0) return { exitCode: (status >> 8) & 0xff, signal: null };
  return { exitCode: null, signal: SIGNAL_NAMES.get(signal) ?? 'SIGKILL' };
}

/** Reaps a child when it ends, without a signal handler. */
export async function waitForExit(pid: number): Promise<ExitStatus> {
  try {
    await new Promise<void>((resolve) => void onExit(pid, resolve));
    return waitPid(pid);
  } catch (thrown) {
    // Out of descriptors, the child still has to be reaped.
    if (!isKind(thrown, 'exhausted')) throw thrown;
    return await pollForExit(pid);
  }
}

/**
 * Calls back once when a process, child or not, has ended. Throws 'not-found' if there is none. The answer stops
 * watching. The caller makes sure that the pid is whom it means: `processes.ts` has the check.
 */
export function onExit(pid: number, callback: () => void): () => void {
  return onPidfdExit(openPidfd(pid), callback);
}

/** The same for a descriptor, which it takes over. */
export function onPidfdExit(pidfd: number, callback: () => void): () => void {
  // A pidfd becomes readable when its process ends, and every read of it fails: the failure is the news.
  const stream = anyStream(pidfd, { readable: true, writable: false });
  stream.on('error', () => {});
  stream.once('close', callback);
  stream.resume();
  return () => void stream.removeListener('close', callback).destroy();
}

async function pollForExit(pid: number): Promise<ExitStatus> {
  for (;;) {
    const status = waitPid(pid, { noHang: true });
    if (status !== undefined) return status;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A descriptor that goes on meaning this process after its pid has been given to another. */
export function openPidfd(pid: number): number {
  return check('pidfd_open', pidfdOpen(pid, 0), { action: `open process ${pid}`, subject: `process ${pid}` });
}
