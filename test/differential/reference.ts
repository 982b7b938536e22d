import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';

const SOCKET = '/run/peers/docker.sock';
const READY_MS = 20_000;

/** A real dockerd to compare with. */
export interface Reference {
  readonly socket: string;
  readonly close: () => Promise<void>;
}

/** The one that runs already, or one of our own, or why there is none. */
export async function openReference(): Promise<Reference | string> {
  const given = process.env['GANTRY_REFERENCE_SOCKET'] ?? SOCKET;
  if (await answers(given)) return { socket: given, close: async () => undefined };
  if (spawnSync('dockerd', ['--version'], { stdio: 'ignore' }).status !== 0) return `no dockerd answers at ${given}, and there is none on PATH`;
  return process.getuid?.() === 0 ? startDockerd() : 'needs root to start a dockerd';
}

async function startDockerd(): Promise<Reference | string> {
  const directory = mkdtempSync('/tmp/gantry-reference-');
  const socket = `${directory}/docker.sock`;
  const paths = ['--data-root', `${directory}/root`, '--exec-root', `${directory}/run`, '--pidfile', `${directory}/pid`, '--host', `unix://${socket}`];
  const child = spawn('dockerd', [...paths, '--bip', '172.31.254.1/24'], { stdio: 'ignore' });
  const close = async (): Promise<void> => {
    await ended(child);
    rmSync(directory, { recursive: true, force: true });
  };
  const deadline = performance.now() + READY_MS;
  while (!(existsSync(socket) && await answers(socket))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await close();
      return 'the dockerd on PATH does not start here';
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { socket, close };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
