import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { erase } from '../../src/main/erase.ts';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import { eventually } from './waiting.ts';

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;

/** A network namespace, held by a process that sleeps: it is gone when the process is. */
export class NetworkPlace {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async make(): Promise<NetworkPlace> {
    const holder = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo up && exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    return new NetworkPlace(holder);
  }

  get pid(): number {
    assert.ok(this.#holder.pid !== undefined);
    return this.#holder.pid;
  }

  /** Arguments of `nsenter` that come before a program. */
  get enter(): readonly string[] {
    return ['-t', String(this.pid), '-n', '--'];
  }

  run(...command: readonly string[]): { code: number; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync('nsenter', [...this.enter, ...command], { encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' });
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  ok(...command: readonly string[]): string {
    const { code, out, err } = this.run(...command);
    assert.equal(code, 0, `${command.join(' ')}: ${err}`);
    return out;
  }

  start(...command: readonly string[]): ChildProcess {
    return spawn('nsenter', [...this.enter, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  end(): void {
    this.#holder.kill('SIGKILL');
  }
}

/** A daemon whose host is a network namespace. Its socket is reachable from everywhere: it is a file. */
export class PlacedDaemon {
  readonly directory = mkdtempSync('/tmp/gantry-test-');
  readonly root = `${this.directory}/root`;
  readonly run = `${this.directory}/run`;
  readonly socket = `${this.directory}/run/gantry.sock`;
  readonly #place: NetworkPlace;
  #child: ChildProcess | undefined;

  constructor(place: NetworkPlace) {
    this.#place = place;
  }

  get log(): string {
    return readFileSync(`${this.directory}/daemon.log`, 'utf8');
  }

  async up(): Promise<void> {
    const log = openSync(`${this.directory}/daemon.log`, 'a');
    this.#child = spawn('nsenter', [...this.#place.enter, LAUNCHER, 'daemon', '--host', `unix://${this.socket}`, '--root', this.root, '--run', this.run], { stdio: ['ignore', log, log] });
    closeSync(log);
    await eventually('the daemon is ready', () => accepts(this.socket), Boolean).catch((thrown: unknown) => assert.fail(`${String(thrown)}\n${this.log}`));
  }

  async crash(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  docker(...args: readonly string[]): { code: number; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(findDockerCli() ?? LAUNCHER, args, { env: { PATH: process.env['PATH'], HOME: this.directory, DOCKER_HOST: `unix://${this.socket}` }, encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' });
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  ok(...args: readonly string[]): string {
    const { code, out, err } = this.docker(...args);
    assert.equal(code, 0, `docker ${args.join(' ')}: ${err}`);
    return out.trim();
  }

  async destroy(): Promise<void> {
    const ids = this.docker('ps', '-aq').out.split('\n').filter(Boolean);
    if (ids.length > 0) this.docker('rm', '-f', ...ids);
    await this.crash();
    rmSync(`${this.run}/daemon.json`, { force: true });
    // Bridge and firewall go with the namespace.
    await erase({ root: this.root, run: this.run });
    rmSync(this.directory, { recursive: true, force: true });
  }
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
