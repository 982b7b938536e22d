import { existsSync, readFileSync } from 'node:fs';
import type { Timers } from '#base/clock.ts';
import { within } from '#base/within.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { FoundProcesses } from '../port.ts';
import { runtimeRootOf, type HostContext } from './host-context.ts';
import { identifyProcess, isAlive, onProcessExit, type ProcessIdentity } from './linux/processes.ts';

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readPid(path: string): number | undefined {
  const pid = Number(readText(path) ?? '');
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

export function processReferenceOf(pid: number): ProcessRef | undefined {
  const identity = identifyProcess(pid);
  return identity === undefined ? undefined : { pid, startTime: String(identity.startTime) };
}

/** The model keeps numbers of 64 bits as text, since JSON has none. */
export function identityOf({ pid, startTime }: ProcessRef): ProcessIdentity {
  return { pid, startTime: BigInt(startTime === '' ? -1 : startTime) };
}

/** A pid from a file may mean a stranger by now: its command line must name the container. */
function belongs(pid: number, id: string): boolean {
  return readText(`/proc/${pid}/cmdline`)?.includes(id) === true;
}

/** crun's and runc's. */
const STATE_FILES = ['status', 'state.json'];

interface RuntimeStatus { readonly pid?: number; readonly 'process-start-time'?: number; readonly init_process_pid?: number; readonly init_process_start?: number }

/** What still runs of a container, by the files that its monitor and the runtime left. */
export function findLeftProcesses(context: HostContext, bundle: string, id: string): FoundProcesses {
  const state = `${runtimeRootOf(context)}/${id}`;
  const waitingToStart = existsSync(`${state}/exec.fifo`);
  const monitorPid = readPid(`${bundle}/conmon.pid`);
  const monitor = monitorPid !== undefined && belongs(monitorPid, id) ? processReferenceOf(monitorPid) : undefined;
  const process = runtimeProcess(state);
  // The runtime makes the pipe before it writes its state, and takes it away when the program is told to start.
  const hasEnded = process === undefined && !waitingToStart && STATE_FILES.some((file) => existsSync(`${state}/${file}`));
  return { waitingToStart, hasEnded, ...(process === undefined ? {} : { process }), ...(monitor === undefined ? {} : { monitor }) };
}

/** The runtime wrote the start time next to the pid, so a stranger is told apart. */
function runtimeProcess(state: string): ProcessRef | undefined {
  for (const file of STATE_FILES) {
    const text = readText(`${state}/${file}`);
    if (text === undefined) continue;
    try {
      const status = JSON.parse(text) as RuntimeStatus;
      const pid = status.pid ?? status.init_process_pid;
      const startTime = status['process-start-time'] ?? status.init_process_start;
      if (pid === undefined || startTime === undefined) return undefined;
      const reference = { pid, startTime: String(startTime) };
      return isAlive(identityOf(reference)) ? reference : undefined;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** Waits for a process's end, but not for ever. */
export async function goneWithin(timers: Timers, limitMs: number, process: ProcessRef): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = onProcessExit(identityOf(process), resolve);
  await within(timers, limitMs, promise, cancel);
}
