import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { check } from './libc.ts';
import { pidfdSendSignal } from './system-call.ts';
import { errnoOf } from './system-error.ts';
import { onPidfdExit, openPidfd } from './wait.ts';

/** Names one process for ever: a pid alone is given to another after it ends. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/PID/stat). */
  readonly startTime: bigint;
}

/** Of a line of `/proc/PID/stat` (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  /** `R`, `S`, `D`, `Z` (ended, not reaped), `X` (gone). */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly startTime: bigint;
}

/** Undefined when the line is cut short. The name may hold anything, also spaces and closing brackets. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = line.slice(close + 2).split(' ');
  const [state, parent, group] = fields;
  const startTime = fields[19];
  if (state === undefined || parent === undefined || startTime === undefined || !/^\d+\s*$/.test(startTime)) return undefined;
  return {
    pid: Number(line.slice(0, open)),
    name: line.slice(open + 1, close),
    state,
    parent: Number(parent),
    group: Number(group),
    startTime: BigInt(startTime.trim()),
  };
}

/** Undefined when there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ESRCH') return undefined;
    throw thrown;
  }
}

/** Undefined when there is no such process. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readProcessStat(pid);
  return stat === undefined ? undefined : { pid, startTime: stat.startTime };
}

/** False once it has ended, also while nobody has reaped it. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readProcessStat(identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** Never reaches another process that got the pid. False when this one has ended. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals | number): boolean {
  const pidfd = openVerified(identity);
  if (pidfd === undefined) return false;
  try {
    check('pidfd_send_signal', pidfdSendSignal(pidfd, typeof signal === 'number' ? signal : constants.signals[signal], null, 0), {
      action: `send ${signal} to process ${identity.pid}`, subject: `process ${identity.pid}`,
    });
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ESRCH') return false;
    throw thrown;
  } finally {
    closeSync(pidfd);
  }
}

/** Calls back once when it has ended: at once (next turn) if it has already. The answer stops watching. */
export function onProcessExit(identity: ProcessIdentity, callback: () => void): () => void {
  const pidfd = openVerified(identity);
  if (pidfd !== undefined) return onPidfdExit(pidfd, callback);
  const soon = setImmediate(callback);
  return () => clearImmediate(soon);
}

/** Changes with every boot of the machine: identities of another boot mean nothing. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** The descriptor is opened first and checked after: it holds on to whatever process it got. */
function openVerified(identity: ProcessIdentity): number | undefined {
  let pidfd: number;
  try {
    pidfd = openPidfd(identity.pid);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ESRCH') return undefined;
    throw thrown;
  }
  const stat = readProcessStat(identity.pid);
  if (stat?.startTime === identity.startTime) return pidfd;
  closeSync(pidfd);
  return undefined;
}
