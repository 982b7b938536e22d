import { closeSync, constants, existsSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { Runtime } from '../facts.ts';
import { PROGRAM_ENV, runtimeRootOf, type HostContext } from './host-context.ts';
import { run } from './linux/run.ts';

const TIMEOUT_MS = 30_000;

/** A container's own: crun and runc keep different files of it. */
export function runtimeOf(context: HostContext, id: string): Runtime {
  const state = `${runtimeRootOf(context)}/${id}`;
  const name = existsSync(`${state}/status`) ? 'crun' : existsSync(`${state}/state.json`) ? 'runc' : undefined;
  return runtimeNamed(context, name);
}

/** @param name undefined for the host's default */
export function runtimeNamed({ facts }: HostContext, name: string | undefined): Runtime {
  const found = name === undefined ? facts.runtime : facts.runtimes.find((runtime) => runtime.name === name);
  if (found === undefined) throw new GantryError('unavailable', `the runtime ${name} is not installed any more`, { hint: `apt-get install ${name}` });
  return found;
}

/** By which it is executed. */
export function programOf({ sealedCrun }: HostContext, { name, path }: Runtime): string {
  return name === 'crun' ? sealedCrun.path : path;
}

async function call(context: HostContext, id: string, words: readonly string[]): Promise<string> {
  const runtime = runtimeOf(context, id);
  const { name } = runtime;
  const argv = [name, `--root=${runtimeRootOf(context)}`, ...words];
  const result = await run({ path: programOf(context, runtime), argv, env: PROGRAM_ENV, timeoutMs: TIMEOUT_MS, maxOutputBytes: 1 << 20 });
  if (result.exitCode === 0) return result.stdout.toString();
  throw new GantryError('internal', `${name} ${words[0]}: ${result.stderr.toString().trim() || `exit code ${result.exitCode}`}`);
}

/**
 * Lets a created container go on to its program. crun waits for one byte in a FIFO of its state directory, and `crun start`
 * does no more than write it: we do that without the process. runc wants to be asked.
 */
export async function startCreated(context: HostContext, id: string): Promise<void> {
  if (runtimeOf(context, id).name === 'crun') {
    const path = `${runtimeRootOf(context)}/${id}/exec.fifo`;
    // Non-blocking: without a reader the container has died, and an open would wait for ever.
    let fifo: number;
    try {
      fifo = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (cause) {
      throw new GantryError('internal', `container ${id.slice(0, 12)} ended before it was started`, { cause });
    }
    try {
      writeSync(fifo, '1');
    } finally {
      closeSync(fifo);
    }
    rmSync(path, { force: true });
    return;
  }
  await call(context, id, ['start', id]);
}

export async function pauseContainer(context: HostContext, id: string): Promise<void> {
  await call(context, id, ['pause', id]);
}

/** @param json `linux.resources` of the OCI runtime spec */
export async function limitContainer(context: HostContext, id: string, json: string): Promise<void> {
  // A file: crun takes `-` for /dev/stdin, which a machine without udev lacks.
  const path = `${context.run}/containers/${id}/limits.json`;
  writeFileSync(path, json, { mode: 0o600 });
  await call(context, id, ['update', '--resources', path, id]);
}

export async function resumeContainer(context: HostContext, id: string): Promise<void> {
  await call(context, id, ['resume', id]);
}
