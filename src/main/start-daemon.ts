import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { GantryError } from '#base/error.ts';

const WAIT_MS = 15_000;
const LOOK_MS = 15;

/** Whether anybody answers at a unix socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Starts the daemon of a socket in the background and waits until it answers. Its words go to daemon.log beside the socket.
 * @throws GantryError unavailable with the daemon's last words where it does not come up
 */
export async function startDaemon(socketPath: string, more: readonly string[] = []): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new GantryError('forbidden', `no daemon answers at ${socketPath}, and only root can start one`, { hint: 'run it with sudo, or point DOCKER_HOST at a daemon that runs' });
  }
  const run = socketPath.slice(0, socketPath.lastIndexOf('/')) || '/';
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const logPath = `${run}/daemon.log`;
  const log = openSync(logPath, 'a', 0o600);
  const launcher = new URL('../../gantry', import.meta.url).pathname;
  const child = spawn(launcher, ['daemon', '--host', `unix://${socketPath}`, '--run', run, ...more], {
    detached: true, stdio: ['ignore', log, log], cwd: '/', env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.unref();
  for (let waited = 0; waited < WAIT_MS && !ended; waited += LOOK_MS) {
    if (await answers(socketPath)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const words = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
  throw new GantryError('unavailable', `the daemon did not come up:\n${words}`, { hint: `all of its words are in ${logPath}` });
}
