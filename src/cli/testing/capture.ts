import { Readable, Writable } from 'node:stream';
import type { CliIo } from '../command-spec.ts';
import { runCli } from '../main.ts';

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CaptureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  readonly ensureDaemon?: CliIo['ensureDaemon'];
  readonly extraCommands?: CliIo['extraCommands'];
}

/** Runs a command line in this process, and answers with what it wrote. For tests. */
export async function captureCli(argv: readonly string[], options: CaptureOptions = {}): Promise<Captured> {
  const stdout = new Collector();
  const stderr = new Collector();
  const { env = {}, stdin = '', ensureDaemon, extraCommands } = options;
  const code = await runCli(argv, {
    stdin: Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)], { objectMode: false }),
    stdout,
    stderr,
    env,
    ...(ensureDaemon === undefined ? {} : { ensureDaemon }),
    ...(extraCommands === undefined ? {} : { extraCommands }),
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collector extends Writable {
  readonly #parts: Uint8Array[] = [];

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#parts.push(chunk);
    done();
  }
}
