import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { debianSources } from '../../tools/test-run/debian-sources.ts';

const PLUGIN = 'usr/libexec/docker/cli-plugins/docker-buildx';
const LIMIT_MS = 30_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Docker's build client, alone: it needs no docker command. */
export class Buildx {
  readonly #program: string;
  readonly #socket: string;
  readonly #home: string;

  private constructor(program: string, socket: string) {
    this.#program = program;
    this.#socket = socket;
    this.#home = mkdtempSync(join(tmpdir(), 'gantry-buildx-'));
  }

  /** From Debian's newest package, or the reason why not. */
  static open(root: string, socket: string): Buildx | string {
    const { path, missing } = debianSources(root, 'docker-buildx');
    if (path === undefined) return missing;
    const program = join(path, PLUGIN);
    return existsSync(program) ? new Buildx(program, socket) : 'the docker-buildx package has no plugin where it was';
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** What `docker login` would leave behind. */
  logIn(registry: string, user: string, password: string): void {
    mkdirSync(join(this.#home, '.docker'), { recursive: true });
    writeFileSync(join(this.#home, '.docker/config.json'), JSON.stringify({ auths: { [registry]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } } }));
  }

  run(argv: readonly string[], cwd: string, limitMs = LIMIT_MS, input?: Uint8Array): Promise<Ran> {
    return this.#spawn(this.#program, argv, cwd, limitMs, input);
  }

  /** A program that finds this client as a plugin of Docker's, as compose does. */
  drive([program = '', ...first]: readonly string[], argv: readonly string[], cwd: string, input: string): Promise<Ran> {
    const plugins = join(this.#home, '.docker/cli-plugins');
    if (!existsSync(plugins)) {
      mkdirSync(plugins, { recursive: true });
      symlinkSync(this.#program, join(plugins, 'docker-buildx'));
    }
    return this.#spawn(program, [...first, ...argv], cwd, LIMIT_MS, Buffer.from(input));
  }

  #spawn(program: string, argv: readonly string[], cwd: string, limitMs: number, input?: Uint8Array): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const env = { PATH: process.env['PATH'], HOME: this.#home, DOCKER_HOST: `unix://${this.#socket}`, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
      const child = spawn(program, argv, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], timeout: limitMs });
      child.stdin.on('error', () => undefined).end(input);
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
      child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
  }
}
