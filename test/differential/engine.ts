import { spawn } from 'node:child_process';
import type { Step } from './step.ts';

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LONGEST_MS = 12_000;

/** One of the two engines, reached with the real docker CLI. */
export class EngineUnderTest {
  readonly socket: string;
  readonly #cli: string;
  readonly #home: string;

  constructor(cli: string, socket: string, home: string) {
    this.#cli = cli;
    this.socket = socket;
    this.#home = home;
  }

  run(argv: readonly string[], step: Omit<Step, 'argv'> = {}): Promise<Captured> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#cli, argv, { env: { PATH: process.env['PATH'], HOME: this.#home, DOCKER_HOST: `unix://${this.socket}` }, timeout: step.endAfterMs ?? LONGEST_MS, killSignal: step.endAfterMs === undefined ? 'SIGKILL' : 'SIGTERM' });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.stdin.on('error', () => undefined).end(step.stdin ?? '');
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code: code ?? -1, stdout, stderr: signal === null || step.endAfterMs !== undefined ? stderr : `${stderr}ended by ${signal} after ${LONGEST_MS} ms` }));
    });
  }

  /** Takes away what the scripts left: containers of the image with their volumes, volumes and images of that name. */
  async clean(image: string, prefix: string): Promise<void> {
    const containers = await this.#list('ps', '-aq', '--filter', `name=^${prefix}`);
    const more = await this.#list('ps', '-aq', '--filter', `ancestor=${image}`);
    if (containers.length + more.length > 0) await this.run(['rm', '-fv', ...new Set([...containers, ...more])]);
    const volumes = (await this.#list('volume', 'ls', '-q')).filter((name) => name.startsWith(prefix));
    if (volumes.length > 0) await this.run(['volume', 'rm', '-f', ...volumes]);
    const images = await this.#list('images', '-a', '--filter', `reference=${prefix}*`, '--format', '{{.Repository}}:{{.Tag}}');
    await this.run(['rmi', '-f', image, ...images.filter((name) => name !== image)]);
  }

  async #list(...argv: readonly string[]): Promise<string[]> {
    return (await this.run(argv)).stdout.split('\n').filter(Boolean);
  }
}
