import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { busyboxTar } from './busybox.ts';
import { TestDaemon, type Ran } from './daemon.ts';
import { freePort } from './free-port.ts';
import { UNPRESSED } from './unpressed.ts';
import { eventually } from './waiting.ts';

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const LONGEST_MS = 60_000;

/** A daemon that is a cluster, with an image called busybox. */
export class ClusterDaemon {
  readonly daemon: TestDaemon;
  readonly kubeconfig: string;

  /** Of the API, also after a crash: a client that comes back finds it there. */
  readonly port: number;

  private constructor(daemon: TestDaemon, port: number) {
    this.daemon = daemon;
    this.port = port;
    this.kubeconfig = `${daemon.directory}/kubeconfig`;
  }

  /** @param root and @param where as of a TestDaemon */
  static async start(flags: readonly string[] = [], root?: string, where?: string): Promise<ClusterDaemon> {
    const cluster = new ClusterDaemon(await TestDaemon.start(flags, root, where), await freePort());
    cluster.daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    await cluster.up();
    return cluster;
  }

  async up(): Promise<void> {
    const up = this.gantry('cluster', 'up', '--port', String(this.port), '--kubeconfig', this.kubeconfig, ...UNPRESSED);
    assert.equal(up.code, 0, up.err);
  }

  gantry(...args: readonly string[]): Ran {
    return this.run(LAUNCHER, ['--host', `unix://${this.daemon.socket}`, ...args]);
  }

  /** A client with this cluster's credentials. */
  run(program: string, args: readonly string[], input = ''): Ran {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, timeout: LONGEST_MS, killSignal: 'SIGKILL', env: { PATH: process.env['PATH'], HOME: this.daemon.directory, KUBECONFIG: this.kubeconfig } });
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  /** Killed, and there again. */
  async restart(): Promise<void> {
    await this.daemon.crash();
    await this.daemon.up();
    await eventually('the cluster runs again', () => this.gantry('cluster', 'status').out, (text) => text.startsWith('running'));
  }

  async destroy(): Promise<void> {
    this.gantry('cluster', 'down');
    await this.daemon.destroy();
  }
}
