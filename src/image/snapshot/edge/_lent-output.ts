import { Socket } from 'node:net';
import { check, libc } from './_libc.ts';

/** As much as a child may be ahead, and what is read at once. */
const PIPE_BYTES = 1 << 20;
const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;

export interface PipeEnds {
  readonly reader: number;
  readonly writer: number;
}

/** A pipe (7): an end that a child writes to, and one for `lentPieces`. */
export function openPipe(): PipeEnds {
  const ends = Buffer.alloc(8);
  check(libc.pipe2(ends, O_CLOEXEC), 'open a pipe');
  const [reader, writer] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  // A system that allows less has a smaller one.
  libc.fcntl(writer, F_SETPIPE_SZ, BigInt(PIPE_BYTES));
  return { reader, writer };
}

/**
 * What comes out of a pipe, until its other end is closed. Each piece is good until the next one is asked for: all are in the
 * same memory, since fresh memory for gigabytes keeps the garbage collector busier than the bytes keep everything else.
 */
export class LentPieces {
  readonly #buffer = Buffer.allocUnsafeSlow(PIPE_BYTES);
  readonly #socket: Socket;
  #filled = 0;
  #hasEnded = false;
  #error: Error | undefined;
  #wake = (): void => undefined;

  constructor(reader: number) {
    this.#socket = new Socket({
      fd: reader, readable: true, writable: false,
      // Answering false stops it until it is asked for more.
      onread: { buffer: this.#buffer, callback: (size) => { this.#filled = size; this.#wake(); return false; } },
    });
    this.#socket.once('error', (error) => { this.#error = error; });
    for (const event of ['end', 'close']) this.#socket.once(event, () => { this.#hasEnded = true; this.#wake(); });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        while (this.#filled === 0 && !this.#hasEnded) await new Promise<void>((resolve) => { this.#wake = resolve; });
        if (this.#error !== undefined) throw this.#error;
        if (this.#filled === 0) return;
        yield this.#buffer.subarray(0, this.#filled);
        this.#filled = 0;
        this.#socket.resume();
      }
    } finally {
      this.destroy();
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
