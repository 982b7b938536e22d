import { spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Daemon {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const START_MS = 30_000;
const STOP_MS = 20_000;

/** Starts a program and waits until it answers on its socket. Its output goes to `log`, whose end is shown when it does not come up. */
export async function startDaemon(command: readonly [string, ...string[]], socket: string, log: string): Promise<Daemon> {
  rmSync(socket, { force: true });
  const output = openSync(log, 'w');
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()); child.once('error', () => resolve()); });
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const stop = async (): Promise<void> => {
    if (!gone()) child.kill('SIGTERM');
    if (await Promise.race([ended.then(() => true), sleep(STOP_MS, false, { ref: false })])) return;
    child.kill('SIGKILL');
    await ended;
  };
  for (const deadline = performance.now() + START_MS; performance.now() < deadline && !gone(); await sleep(50)) {
    if (await answers(socket)) return { pid: child.pid as number, stop };
  }
  await stop();
  throw new Error(`${command.at(0)} did not come up on ${socket}:\n${readFileSync(log, 'utf8').slice(-1500)}`);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    request({ socketPath, path: '/_ping', timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false)).end();
  });
}
