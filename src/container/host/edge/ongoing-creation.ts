import { readFileSync, readdirSync } from 'node:fs';
import type { Timers } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import { goneWithin, identityOf, processReferenceOf } from './found-processes.ts';
import { signalProcess } from './linux/processes.ts';

const SIGKILL = 9;
const ENDING_MS = 2000;
/** A monitor that forks while it is looked for is found the next time. */
const LOOKS = 20;

/**
 * Ends the monitor and the runtime that make the container of a bundle. Their command lines name it, and are there before
 * anything else that could tell of them. It looks at every process of the machine: for recovery alone.
 * @throws GantryError unavailable
 */
export async function endCreation(timers: Timers, bundle: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const found = workersOn(bundle);
    if (found.length === 0) return;
    for (const process of found) signalProcess(identityOf(process), SIGKILL);
    await Promise.all(found.map((process) => goneWithin(timers, ENDING_MS, process)));
  }
  throw new GantryError('unavailable', `programs that make the container of ${bundle} do not end`);
}

function workersOn(bundle: string): ProcessRef[] {
  return readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).flatMap((pid) => {
    // The number may be another's by the time that it is named: then that one has another command line.
    const process = processReferenceOf(Number(pid));
    return process !== undefined && worksOn(pid, bundle) ? [process] : [];
  });
}

function worksOn(pid: string, bundle: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words[words.indexOf('--bundle') + 1] === bundle;
  } catch {
    return false;
  }
}
