import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianSources } from '../../tools/test-run/debian-sources.ts';

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const ROOT = new URL('../..', import.meta.url).pathname;
const LIMIT_MS = 60_000;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A program that speaks the compose command line. */
export interface ComposeClient {
  readonly name: 'ours' | 'docker compose';
  readonly argv: readonly string[];
}

export const ours: ComposeClient = { name: 'ours', argv: [LAUNCHER, 'compose'] };

/** Debian's docker compose 2.40, or why it is not there. */
export function dockerCompose(): { readonly client: ComposeClient; readonly missing: false } | { readonly client: undefined; readonly missing: string } {
  const { path, missing } = debianSources(ROOT, 'docker-compose');
  if (path === undefined) return { client: undefined, missing };
  return { client: { name: 'docker compose', argv: [join(path, 'usr/libexec/docker/cli-plugins/docker-compose')] }, missing: false };
}

/** A project in a directory of its own, driven by one client or another. */
export class ComposeProject {
  readonly directory: string;
  readonly name: string;
  readonly #host: string;

  constructor(host: string, name: string) {
    this.directory = mkdtempSync('/tmp/gantry-test-');
    this.name = name;
    this.#host = host;
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.directory, path)), { recursive: true });
      writeFileSync(join(this.directory, path), text);
    }
  }

  /** Puts a plugin of Docker's command line, from Debian's newest package, where the project's clients look for it; or says why not. */
  link(packageName: string, file: string): string | undefined {
    const { path, missing } = debianSources(ROOT, packageName);
    if (path === undefined) return missing;
    const plugins = join(this.directory, '.docker/cli-plugins');
    mkdirSync(plugins, { recursive: true });
    symlinkSync(join(path, file), join(plugins, packageName));
    return undefined;
  }

  run({ argv }: ComposeClient, args: readonly string[], input = ''): Ran {
    const [program = '', ...first] = argv;
    const { status, stdout, stderr } = spawnSync(program, [...first, '-p', this.name, ...args], { cwd: this.directory, env: this.#environment(), encoding: 'utf8', input, timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  ok(client: ComposeClient, ...args: readonly string[]): string {
    const { code, out, err } = this.run(client, args);
    assert.equal(code, 0, `${client.name} ${args.join(' ')}: ${err}${out}`);
    return out.trim();
  }

  /** A client that goes on while the test does other things. */
  start({ argv }: ComposeClient, args: readonly string[]): { readonly child: ReturnType<typeof spawn>; readonly text: () => string; readonly ended: Promise<number> } {
    const [program = '', ...first] = argv;
    const child = spawn(program, [...first, '-p', this.name, ...args], { cwd: this.directory, env: this.#environment(), timeout: LIMIT_MS });
    let text = '';
    child.stdout.on('data', (bytes) => (text += String(bytes)));
    child.stderr.on('data', (bytes) => (text += String(bytes)));
    return { child, text: () => text, ended: new Promise((resolve) => child.once('close', (code) => resolve(code ?? -1))) };
  }

  #environment(): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.directory, DOCKER_HOST: this.#host, SECRET_WORD: 'sesame' };
  }
}
