import type { Socket } from 'node:net';
import type { InputStream, OutputStream } from '../io.ts';
import type { Hijacked } from './api-client.ts';
import { Demultiplexer, type OutputSinks } from './demultiplex.ts';
import { defaultDetachKeys, DetachFilter, parseDetachKeys } from './detach-keys.ts';
import { enterRawMode } from './raw-terminal.ts';

export interface InteractiveOptions {
  /** The container has a terminal: its bytes are raw, and ours may be one too. */
  readonly tty: boolean;
  readonly stdin?: InputStream | undefined;
  readonly stdout?: OutputStream | undefined;
  readonly stderr?: OutputStream | undefined;
  readonly detachKeys: string;
}

/** `ended`: the container closed its output. `detached`: the person typed the detach keys. */
export type InteractiveResult = 'ended' | 'detached';

/** Joins our standard streams to a container's, until its output ends or the person detaches. */
export async function interact(hijacked: Hijacked, options: InteractiveOptions): Promise<InteractiveResult> {
  const { socket } = hijacked;
  const input = new InputPump(socket, options);
  try {
    await input.start();
    const output = options.stdout === undefined && options.stderr === undefined ? undefined : copyOutput(hijacked, options);
    const first = await Promise.race([input.done, ...(output === undefined ? [] : [output])]);
    if (first === 'detached') return 'detached';
    await output;
    return 'ended';
  } finally {
    input.stop();
    socket.destroy();
  }
}

async function copyOutput({ reader }: Hijacked, { tty, stdout, stderr }: InteractiveOptions): Promise<'ended'> {
  const sinks: OutputSinks = { stdout: sinkOf(stdout), stderr: sinkOf(stderr) };
  const demultiplexer = tty ? undefined : new Demultiplexer(sinks);
  for (let bytes = await reader.next(); bytes !== undefined; bytes = await reader.next()) {
    await (demultiplexer === undefined ? sinks.stdout?.(bytes) : demultiplexer.push(bytes));
  }
  return 'ended';
}

/** Writes and waits while the stream is full. A reader that went away (`| head`) is not an error of ours. */
export function sinkOf(stream: OutputStream | undefined): ((bytes: Uint8Array) => Promise<void>) | undefined {
  if (stream === undefined) return undefined;
  return async (bytes) => {
    if (stream.destroyed || stream.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('drain', done).off('close', done).off('error', done);
        resolve();
      };
      stream.on('drain', done).on('close', done).on('error', done);
    });
  };
}

/** Sends what we read to the container, and closes its input when ours ends. */
class InputPump {
  readonly done: Promise<'input-ended' | 'detached'>;
  readonly #socket: Socket;
  readonly #stdin: InputStream | undefined;
  readonly #raw: boolean;
  readonly #filter: DetachFilter | undefined;
  #restore: () => void = () => undefined;
  #finish: (how: 'input-ended' | 'detached') => void = () => undefined;

  constructor(socket: Socket, { tty, stdin, detachKeys }: InteractiveOptions) {
    this.#socket = socket;
    this.#stdin = stdin;
    this.#raw = tty && stdin?.isTTY === true;
    this.#filter = tty ? new DetachFilter(keysOrDefault(detachKeys)) : undefined;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(): Promise<void> {
    if (this.#stdin === undefined) {
      this.#close();
      return;
    }
    // A destroyed socket ends the pump: the caller stops waiting for a container that is gone.
    this.#socket.once('close', this.#close);
    if (this.#raw) this.#restore = await enterRawMode(this.#stdin);
    this.#stdin.on('data', this.#send).on('end', this.#close).on('error', this.#close);
    this.#socket.on('drain', this.#resume);
    this.#stdin.resume();
  }

  stop(): void {
    if (this.#stdin === undefined) return;
    this.#stdin.off('data', this.#send).off('end', this.#close).off('error', this.#close);
    this.#stdin.pause();
    this.#restore();
    // A pipe that nobody closes must not keep the program alive.
    (this.#stdin as { readonly unref?: () => void }).unref?.();
  }

  readonly #send = (chunk: Uint8Array): void => {
    const { send, detached } = this.#filter?.push(chunk) ?? { send: chunk, detached: false };
    if (send.length > 0 && this.#socket.writable && !this.#socket.write(send)) this.#stdin?.pause();
    if (detached) this.#finish('detached');
  };

  readonly #resume = (): void => {
    this.#stdin?.resume();
  };

  readonly #close = (): void => {
    if (this.#socket.writable) this.#socket.end();
    this.#finish('input-ended');
  };
}

function keysOrDefault(text: string): Uint8Array {
  try {
    return parseDetachKeys(text === '' ? defaultDetachKeys : text);
  } catch {
    return parseDetachKeys(defaultDetachKeys);
  }
}
