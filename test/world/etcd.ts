import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { debianSources } from '../../tools/test-run/debian-sources.ts';
import { isOnPath } from '../../tools/test-run/on-path.ts';
import { freePort } from './free-port.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const READY_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** An etcd of one member. */
export interface RunningEtcd {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly pid: number;
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** The machine's own program, or Debian's, unpacked. */
function etcdProgram(): { readonly path: string } | { readonly missing: string } {
  if (isOnPath('etcd', process.env['PATH'] ?? '')) return { path: 'etcd' };
  const { path, missing } = debianSources(ROOT, 'etcd-server');
  return missing === false ? { path: join(path, 'usr/bin/etcd') } : { missing };
}

/** A reason to skip with. */
export function whyNoEtcd(): string | false {
  const program = etcdProgram();
  return 'missing' in program ? program.missing : false;
}

/** @param parent where its data lies for as long as it runs */
export async function startEtcd(parent = tmpdir()): Promise<RunningEtcd> {
  const program = etcdProgram();
  if ('missing' in program) throw new Error(program.missing);
  const data = mkdtempSync(join(parent, 'gantry-etcd-'));
  const [client, peer] = [await freePort(), await freePort()];
  const [url, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(program.path, [
      '--name', 'one', '--data-dir', join(data, 'data'), '--listen-client-urls', url, '--advertise-client-urls', url,
      '--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `one=${peers}`, '--log-level', 'error',
    ], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch } });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(-4000)));
    for (const deadline = performance.now() + READY_MS; ;) {
      if (child.exitCode !== null) throw new Error(`etcd ended: ${said}`);
      const isHealthy = await fetch(`${url}/health`).then(async (answer) => /"true"/.test(await answer.text()), () => false);
      if (isHealthy) return child;
      if (performance.now() > deadline) throw new Error(`etcd is not ready: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  let child = await start();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url, kill,
    get pid() { return child.pid ?? 0; },
    startAgain: async () => void (child = await start()),
    stop: async () => {
      await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
