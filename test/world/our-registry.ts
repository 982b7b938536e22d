import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { freePort } from './free-port.ts';
import { eventually } from './waiting.ts';

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;

/** `gantry registry serve` as anybody would start it, on a free port of 127.0.0.1. */
export class OurRegistry {
  readonly host: string;
  readonly #args: readonly string[];
  readonly #log: string;
  #child: ChildProcess | undefined;

  private constructor(host: string, root: string, more: readonly string[]) {
    this.host = host;
    this.#log = `${root}.log`;
    this.#args = ['registry', 'serve', '--addr', host, '--root', root, ...more];
  }

  /** @param root a directory that it makes; its log lies beside it */
  static async start(root: string, more: readonly string[] = []): Promise<OurRegistry> {
    const registry = new OurRegistry(`127.0.0.1:${await freePort()}`, root, more);
    await registry.up();
    return registry;
  }

  async up(): Promise<void> {
    const log = openSync(this.#log, 'a');
    this.#child = spawn(LAUNCHER, this.#args, { stdio: ['ignore', log, log] });
    closeSync(log);
    const [host = '', port = ''] = this.host.split(':');
    await eventually(`the registry listens: ${readFileSync(this.#log, 'utf8')}`, () => new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), host, () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    }), (listens) => listens, 15_000);
  }

  get log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}
