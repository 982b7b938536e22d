import type { Socket } from 'node:net';

const NEWLINE = 0x0a;

/** Takes bytes from a socket on demand, so that the other side is held back while nobody reads. */
export class ByteReader {
  readonly #socket: Socket;
  #held: Uint8Array = new Uint8Array(0);
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => this.#wake?.();
    socket.on('readable', wake);
    socket.on('end', () => {
      this.#ended = true;
      wake();
    });
    socket.on('close', () => {
      this.#ended = true;
      wake();
    });
    socket.on('error', (error) => {
      this.#failure = error;
      wake();
    });
  }

  /** The next bytes that are there, or undefined at the end. Throws the socket's error. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#held.length > 0) {
      const held = this.#held;
      this.#held = new Uint8Array(0);
      return held;
    }
    for (;;) {
      const chunk = this.#socket.read() as Uint8Array | null;
      if (chunk !== null) return chunk;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** At most `limit` bytes; undefined at the end. */
  async atMost(limit: number): Promise<Uint8Array | undefined> {
    const chunk = await this.next();
    if (chunk === undefined || chunk.length <= limit) return chunk;
    this.#held = chunk.subarray(limit);
    return chunk.subarray(0, limit);
  }

  /** A line of an HTTP head, without its end; undefined when the stream ends before one. */
  async line(): Promise<string | undefined> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const chunk = await this.next();
      if (chunk === undefined) return undefined;
      const end = chunk.indexOf(NEWLINE);
      if (end === -1) {
        parts.push(chunk);
        continue;
      }
      this.#held = chunk.subarray(end + 1);
      parts.push(chunk.subarray(0, end));
      return Buffer.concat(parts).toString('latin1').replace(/\r$/, '');
    }
  }
}
