import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where an engine finds its registry, in its own network namespace. */
export const PORT = 5000;
export const REGISTRY = `127.0.0.1:${PORT}`;

/** A registry beside an engine, so that what is measured is the engine: the same program, and on the same disk, for each. */
export async function startLocalRegistry(checkout: string, state: string, engine: string, daemonPid: number): Promise<{ readonly stop: () => Promise<void> }> {
  const root = join(state, `registry-${engine}`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const log = openSync(`${root}.log`, 'w');
  const child = spawn('nsenter', [`--net=/proc/${daemonPid}/ns/net`, join(checkout, 'gantry'), 'registry', 'serve', '--addr', `0.0.0.0:${PORT}`, '--root', root, '--gc-every', '0'], { stdio: ['ignore', log, log] });
  closeSync(log);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await sleep(1500);
  return { stop: async () => { child.kill('SIGTERM'); await gone; } };
}
