import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import { pipe, readStream } from './linux/pipe.ts';

/** conmon's first words: the pid of the container's process, or a negative number and why not. */
interface MonitorMessage {
  readonly data?: number;
  readonly pid?: number;
  readonly exit_code?: number;
  readonly message?: string;
}

const LARGEST_MESSAGE = 64 * 1024;

/** The pipe over which conmon tells of a start, and for execs of the exit code. One JSON object a line. */
export class SyncPipe {
  readonly writeEnd: number;
  readonly #stream: Socket;
  readonly #waiting: ((message: MonitorMessage | undefined) => void)[] = [];
  readonly #lines: MonitorMessage[] = [];
  #rest = '';
  #ended = false;

  constructor() {
    const ends = pipe();
    this.writeEnd = ends.writeEnd;
    this.#stream = readStream(ends.readEnd);
    this.#stream.setEncoding('utf8');
    this.#stream.on('data', (text: string) => this.#take(text));
    this.#stream.on('error', () => this.#end());
    this.#stream.on('close', () => this.#end());
  }

  /** The child has its copy; ours must go, or the end would never be seen. */
  closeWriteEnd(): void {
    closeSync(this.writeEnd);
  }

  /** The next number. @throws GantryError internal with the runtime's words where conmon sends a failure or ends */
  async next(what: string): Promise<number> {
    const message = this.#lines.shift() ?? (this.#ended ? undefined : await new Promise<MonitorMessage | undefined>((resolve) => this.#waiting.push(resolve)));
    if (message === undefined) throw new GantryError('internal', `${what}: the monitor ended without a word`, { hint: 'see whether conmon runs at all: conmon --version' });
    const value = message.data ?? message.pid ?? message.exit_code ?? -1;
    if (value < 0) throw new GantryError('internal', tidy(message.message ?? `${what}: the runtime failed and said nothing`));
    return value;
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(text: string): void {
    this.#rest += text;
    if (this.#rest.length > LARGEST_MESSAGE) this.#stream.destroy();
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parse(line);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#lines.push(message);
      else waiting(message);
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
  }
}

function parse(line: string): MonitorMessage {
  try {
    return JSON.parse(line) as MonitorMessage;
  } catch {
    return { data: -1, message: line };
  }
}

/** crun says `2026-... : message` or `error: message`; a person wants the message. */
function tidy(text: string): string {
  return text.trim().replace(/^\d{4}-\S+:?\s+/, '').replace(/^(\[[^\]]*\]\s*)?error:?\s+/i, '') || 'the runtime failed and said nothing';
}
