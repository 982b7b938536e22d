import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import { Inspector } from './inspector.ts';
import { erase } from '../../src/main/erase.ts';

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
/** A guest without the host's virtualisation is slower than its host by so much. */
const SLOWNESS = Number(process.env['GANTRY_TEST_SLOWNESS'] ?? 1);
const READY_MS = 20_000 * SLOWNESS;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A daemon of the tests' own, with its own root: any number of them live side by side. */
export class TestDaemon {
  readonly directory: string;
  readonly root: string;
  readonly run: string;
  readonly socket: string;
  readonly #more: readonly string[];
  #isInspected = false;
  #child: ChildProcess | undefined;

  private constructor(directory: string, more: readonly string[], root: string) {
    this.directory = directory;
    this.root = root;
    this.run = `${directory}/run`;
    this.socket = `${directory}/run/gantry.sock`;
    this.#more = more;
  }

  /**
   * @param root in place of one in its own directory
   * @param where its own directory is made; benches take a tmpfs, as /run is one where a daemon is installed
   */
  static async start(more: readonly string[] = [], root?: string, where = '/tmp'): Promise<TestDaemon> {
    const directory = mkdtempSync(`${where}/gantry-test-`);
    const daemon = new TestDaemon(directory, more, root ?? `${directory}/root`);
    await daemon.up();
    return daemon;
  }

  /** One that a debugger can look into. */
  static async startInspected(): Promise<{ readonly daemon: TestDaemon; readonly inspector: Inspector }> {
    const directory = mkdtempSync('/tmp/gantry-test-');
    const daemon = new TestDaemon(directory, [], `${directory}/root`);
    daemon.#isInspected = true;
    await daemon.up();
    const url = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(daemon.log)?.[0];
    assert.ok(url !== undefined, daemon.log);
    return { daemon, inspector: await Inspector.open(url) };
  }

  get pid(): number {
    assert.ok(this.#child?.pid !== undefined, 'the daemon runs');
    return this.#child.pid;
  }

  get log(): string {
    return readFileSync(`${this.directory}/daemon.log`, 'utf8');
  }

  async up(): Promise<void> {
    const log = openSync(`${this.directory}/daemon.log`, 'a');
    const [program, ...first] = this.#isInspected ? inspectedCommand() : [LAUNCHER];
    const child = spawn(program, [...first, 'daemon', '--host', `unix://${this.socket}`, '--root', this.root, '--run', this.run, ...this.#more], { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.#child = child;
    const deadline = performance.now() + READY_MS;
    while (!await accepts(this.socket)) {
      assert.equal(child.exitCode, null, `the daemon ended: ${this.log}`);
      assert.ok(performance.now() < deadline, `the daemon is not ready: ${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** SIGKILL, and gone when this settles. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Everything that the daemon made on the machine is taken away. */
  async destroy(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      const ids = this.docker('ps', '-aq').out.split('\n').filter(Boolean);
      if (ids.length > 0) this.docker('rm', '-f', ...ids);
      await this.stop();
    }
    await erase({ root: this.root, run: this.run });
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The real docker CLI where there is one, else ours, against this daemon. */
  docker(...args: readonly string[]): Ran {
    return this.dockerWith({}, ...args);
  }

  dockerWith(options: { input?: string | Uint8Array; timeoutMs?: number }, ...args: readonly string[]): Ran {
    const { status, stdout, stderr, error } = spawnSync(findDockerCli() ?? LAUNCHER, args, {
      env: { PATH: process.env['PATH'], HOME: this.directory, DOCKER_HOST: `unix://${this.socket}` }, encoding: 'utf8', input: options.input ?? '',
      timeout: (options.timeoutMs ?? 60_000) * SLOWNESS, killSignal: 'SIGKILL', maxBuffer: 64 << 20,
    });
    // A client that was refused reads no further: that is for its exit code to say.
    if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  /** The same, and it must succeed. Answers with what it printed, trimmed. */
  ok(...args: readonly string[]): string {
    const ran = this.docker(...args);
    assert.equal(ran.code, 0, `docker ${args.join(' ')}: ${ran.err}\n${this.log.split('\n').slice(-5).join('\n')}`);
    return ran.out.trim();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await ended;
  }
}

/** As the launcher starts it. */
function inspectedCommand(): [string, ...string[]] {
  const flags = /^daemon_flags='(.*)'$/m.exec(readFileSync(LAUNCHER, 'utf8'))?.[1]?.split(' ');
  assert.ok(flags !== undefined, 'the launcher has flags for daemons');
  return [process.execPath, '--disable-warning=ExperimentalWarning', ...flags, '--inspect=127.0.0.1:0', new URL('../../src/main/cli.ts', import.meta.url).pathname];
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
