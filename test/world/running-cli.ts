import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { TestDaemon } from './daemon.ts';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';

const PATIENCE_MS = 10_000;

/** A docker command that goes on while the test does other things. */
export class RunningCli {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<number>;
  out = '';
  err = '';

  /** @param terminal the command has a terminal of its own, made by script(1) */
  constructor(daemon: TestDaemon, args: readonly string[], { terminal = false }: { terminal?: boolean } = {}) {
    const cli = findDockerCli() ?? '';
    const [program, words] = terminal ? ['script', ['-qec', [cli, ...args].map((word) => `'${word}'`).join(' '), '/dev/null']] as const : [cli, args] as const;
    this.#child = spawn(program, words, { env: { PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}`, SHELL: '/bin/sh' }, timeout: 30_000, killSignal: 'SIGKILL' });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.#child.stdin.on('error', () => undefined);
    this.#closed = new Promise((resolve) => this.#child.once('close', (code) => resolve(code ?? -1)));
  }

  /** Until this has been printed. */
  async says(text: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!this.out.includes(text)) {
      assert.ok(performance.now() < deadline && this.#child.exitCode === null, `waiting for ${JSON.stringify(text)}: ${JSON.stringify({ out: this.out, err: this.err })}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code. */
  ended(): Promise<number> {
    return this.#closed;
  }
}
