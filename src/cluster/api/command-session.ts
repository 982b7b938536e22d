import type { JsonObject } from '#base/json.ts';
import type { Timers } from '#base/clock.ts';
import type { Onward } from './port-forward.ts';
import { exitStatus, resizesIn } from './remote-command.ts';
import { SpdyConnection, type ConnectionParts } from './spdy/connection.ts';
import { renderStatus, StatusError } from './status.ts';

/** How `kubectl exec` and `attach` of old are spoken: an upgrade of the connection, and the version of their streams (apimachinery, pkg/util/remotecommand). */
export const REMOTE_COMMAND = { upgrade: 'SPDY/3.1', protocol: 'v4.channel.k8s.io' } as const;

export interface RunningCommand {
  readonly io: Promise<Onward | undefined>;
  readonly done: Promise<number>;
  resize(rows: number, columns: number): Promise<void>;
}

export interface CommandParts extends ConnectionParts {
  /** Those that the client asked for, by the parameters of its request; the one for errors is always there. */
  readonly wanted: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean };
  /** @throws where it can't be run */
  start(): Promise<RunningCommand>;
  readonly timers: Timers;
}

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/** Upstream's patience with clients that open no streams. */
const STREAMS_MS = 30_000;
/** With so much said before the command runs, the client is held. */
const MOST_WAITING_BYTES = 64 * 1024;

/** A command of a container over streams of SPDY: it starts when the client has opened all of them, so that nothing of its output is lost. */
export class CommandSession {
  readonly #parts: CommandParts;
  readonly #connection: SpdyConnection;
  readonly #ids = new Map<StreamType, number>();
  readonly #missing: Set<StreamType>;
  readonly #cancelWait: () => void;
  #running: RunningCommand | undefined;
  #io: Onward | undefined;
  #waiting: Uint8Array[] = [];
  #isInputOver = false;
  #resizes = '';
  #isOver = false;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    const { stdin, stdout, stderr, tty } = parts.wanted;
    this.#missing = new Set<StreamType>(['error', ...(stdin ? ['stdin'] as const : []), ...(stdout ? ['stdout'] as const : []), ...(stderr && !tty ? ['stderr'] as const : []), ...(tty ? ['resize'] as const : [])]);
    this.#connection = new SpdyConnection(parts, {
      opened: (id, headers, isEnd) => this.#opened(id, headers.get('streamtype') ?? '', isEnd), data: (id, bytes, isEnd) => this.#data(id, bytes, isEnd), reset: () => {}, broken: () => this.close(),
    });
    this.#cancelWait = parts.timers.after(STREAMS_MS, () => this.#finish(renderStatus(new StatusError('unavailable', 'timed out waiting for the client to open its streams')).body));
  }

  receive(piece: Uint8Array): void {
    this.#connection.receive(piece);
  }

  /** The client is gone. */
  close(): void {
    this.#isOver = true;
    this.#cancelWait();
    this.#connection.close();
    this.#io?.close();
  }

  #opened(id: number, type: string, isEnd: boolean): void {
    if (!this.#missing.delete(type as StreamType)) return this.#connection.end(id);
    this.#ids.set(type as StreamType, id);
    if (type === 'stdin') this.#isInputOver ||= isEnd;
    if (this.#missing.size > 0) return;
    this.#cancelWait();
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      this.#running = await this.#parts.start();
      const io = await this.#running.io;
      if (this.#isOver) return io?.close();
      const ended = new Promise<void>((resolve) => (io === undefined ? resolve() : io.onEnd(resolve)));
      if (io !== undefined) this.#join(io);
      await ended;
      this.#finish(exitStatus(await this.#running.done));
    } catch (thrown) {
      this.#finish(renderStatus(thrown).body);
    }
  }

  #join(io: Onward): void {
    this.#io = io;
    const { transport, wanted } = this.#parts;
    io.onOutput((stream, bytes) => {
      const id = this.#ids.get(stream === 2 && !wanted.tty ? 'stderr' : 'stdout');
      if (id === undefined) return;
      this.#connection.send(id, bytes);
      io.pause();
      transport.whenSent(() => io.resume());
    });
    io.onDrain(() => transport.resume());
    transport.resume();
    for (const bytes of this.#waiting.splice(0)) this.#write(io, bytes);
    if (this.#isInputOver) io.endInput();
  }

  #data(id: number, bytes: Uint8Array, isEnd: boolean): void {
    if (id === this.#ids.get('resize')) return this.#resize(bytes);
    if (id !== this.#ids.get('stdin')) return;
    const io = this.#io;
    if (io !== undefined) {
      if (bytes.length > 0) this.#write(io, bytes);
      if (isEnd) io.endInput();
      return;
    }
    this.#isInputOver ||= isEnd;
    this.#waiting.push(bytes);
    if (this.#waiting.reduce((sum, { length }) => sum + length, 0) > MOST_WAITING_BYTES) this.#parts.transport.pause();
  }

  #write(io: Onward, bytes: Uint8Array): void {
    if (!io.write(bytes)) this.#parts.transport.pause();
  }

  #resize(bytes: Uint8Array): void {
    const { sizes, rest } = resizesIn(this.#resizes + new TextDecoder().decode(bytes));
    this.#resizes = rest;
    const last = sizes.at(-1);
    if (last !== undefined) this.#running?.resize(last.rows, last.columns).catch(() => {});
  }

  /** The last word is for the stream of errors, whatever became of the command. */
  #finish(status: JsonObject): void {
    if (this.#isOver) return;
    const error = this.#ids.get('error');
    if (error !== undefined) this.#connection.send(error, new TextEncoder().encode(JSON.stringify(status)));
    for (const id of this.#ids.values()) this.#connection.end(id);
    this.close();
    this.#parts.transport.close();
  }
}
