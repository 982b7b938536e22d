import type { ContainerIo } from '../io.ts';

/** What a client of a container's streams may do. */
export interface AttachWishes {
  readonly stdin: boolean;
  /** Whether the end of its input is that of the container's. */
  readonly endsInput: boolean;
}

type Output = (stream: 1 | 2, bytes: Uint8Array) => void;

/**
 * Clients of containers' streams, by the directory of the attach socket. All clients of a container share one
 * connection, which stays until the container ends: conmon (2.1.6 at least) can die, and the container with it, of a
 * connection that is closed while it writes.
 */
export class AttachedClients {
  readonly #connect: (directory: string) => ContainerIo;
  readonly #open = new Map<string, SharedStreams>();

  constructor(connect: (directory: string) => ContainerIo) {
    this.#connect = connect;
  }

  add(directory: string, wishes: AttachWishes): ContainerIo {
    const known = this.#open.get(directory);
    if (known !== undefined) return known.join(wishes);
    const streams = new SharedStreams(this.#connect(directory), () => {
      if (this.#open.get(directory) === streams) this.#open.delete(directory);
    });
    this.#open.set(directory, streams);
    return streams.join(wishes);
  }

  /** Settles when those who listen have been given everything, or when nobody listens. */
  async drained(directory: string): Promise<void> {
    await this.#open.get(directory)?.drained();
  }

  /** Ends them for their clients too. */
  close(directory: string): void {
    this.#open.get(directory)?.abort();
  }
}

/** One connection to a container's streams, and who listens. The slowest listener holds the output back. */
class SharedStreams {
  readonly #io: ContainerIo;
  readonly #listeners = new Set<Listener>();
  readonly #holders = new Set<Listener>();
  readonly #end = Promise.withResolvers<void>();
  #isEnded = false;
  #isInputEnded = false;
  #isRead = false;

  constructor(io: ContainerIo, onEnd: () => void) {
    this.#io = io;
    io.onEnd(() => {
      this.#isEnded = true;
      onEnd();
      for (const listener of [...this.#listeners]) listener.end();
      this.#listeners.clear();
      this.#end.resolve();
    });
    io.onDrain(() => {
      for (const listener of this.#listeners) listener.drain();
    });
  }

  abort(): void {
    this.#io.abort();
  }

  /** What nobody reads has no end. */
  async drained(): Promise<void> {
    if (this.#isRead) await this.#end.promise;
  }

  join({ stdin, endsInput }: AttachWishes): ContainerIo {
    const listener = new Listener();
    if (this.#isEnded) listener.end();
    else this.#listeners.add(listener);
    const leave = (): void => {
      this.#listeners.delete(listener);
      this.#release(listener);
    };
    return {
      onOutput: (callback) => {
        listener.output = callback;
        this.#read();
      },
      onEnd: (callback) => listener.onEnd(callback),
      write: (bytes) => (stdin && !this.#isInputEnded && !this.#isEnded ? this.#io.write(bytes) : true),
      onDrain: (callback) => void (listener.drain = callback),
      endInput: () => {
        if (!stdin || !endsInput || this.#isInputEnded) return;
        this.#isInputEnded = true;
        this.#io.endInput();
      },
      pause: () => {
        if (!this.#listeners.has(listener)) return;
        this.#holders.add(listener);
        this.#io.pause();
      },
      resume: () => this.#release(listener),
      close: leave,
      abort: () => {
        leave();
        listener.end();
      },
    };
  }

  /** From the first listener on: the kernel keeps what comes before. */
  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#io.onOutput((stream, bytes) => {
      for (const listener of this.#listeners) listener.output(stream, bytes);
    });
  }

  #release(listener: Listener): void {
    if (this.#holders.delete(listener) && this.#holders.size === 0) this.#io.resume();
  }
}

class Listener {
  output: Output = () => {};
  drain: () => void = () => {};
  #callback: (() => void) | undefined;
  #isEnded = false;

  onEnd(callback: () => void): void {
    this.#callback = callback;
    if (this.#isEnded) callback();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#callback?.();
  }
}
