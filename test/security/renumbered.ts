// Started in a process namespace of its own: a number that a process had is given to a stranger, which is then signalled
// by the reference that was taken of the first, and by its number alone. Prints which of the strangers live on.
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, signalProcess, type ProcessIdentity } from '../../src/container/host/edge/linux/processes.ts';

/** Times of start are counted in hundredths of a second. */
const LONGER_THAN_A_TICK_MS = 30;
const TRIES = 50;

const idle = (): ChildProcess => spawn('sleep', ['60'], { stdio: 'ignore' });
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

async function end(child: ChildProcess): Promise<void> {
  const gone = ended(child);
  child.kill('SIGKILL');
  await gone;
}

/** A process that has the number of one that is gone. */
async function successor(pid: number): Promise<ChildProcess> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    // Threads take numbers, too: now and then one comes first.
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    const child = idle();
    if (child.pid === pid) return child;
    await end(child);
  }
  throw new Error(`no process got the number ${pid}`);
}

async function survives(signal: (gone: ProcessIdentity) => void): Promise<boolean> {
  const first = idle();
  const identity = identifyProcess(first.pid as number) as ProcessIdentity;
  await end(first);
  await sleep(LONGER_THAN_A_TICK_MS);
  const stranger = await successor(identity.pid);
  const death = ended(stranger).then(() => false);
  signal(identity);
  const isAlive = await Promise.race([death, sleep(200, true)]);
  if (isAlive) await end(stranger);
  return isAlive;
}

console.log(JSON.stringify({
  byReference: await survives((gone) => void signalProcess(gone, 'SIGKILL')),
  byNumber: await survives(({ pid }) => void process.kill(pid, 'SIGKILL')),
}));
