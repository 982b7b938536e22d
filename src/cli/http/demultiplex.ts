import { GantryError } from '#base/error.ts';

/** Where the bytes of a container go. An absent stream's bytes are dropped. */
export interface OutputSinks {
  readonly stdout?: ((bytes: Uint8Array) => Promise<void>) | undefined;
  readonly stderr?: ((bytes: Uint8Array) => Promise<void>) | undefined;
}

const HEADER = 8;
/** The daemon reports its own failure on this stream. */
const SYSTEM_ERROR = 3;

/**
 * Takes apart Docker's multiplexed stream: frames of an 8-byte head [stream, 0, 0, 0, length BE32] and a payload.
 * Payloads are passed on as they come, without waiting for the whole frame.
 */
export class Demultiplexer {
  readonly #sinks: OutputSinks;
  readonly #head = new Uint8Array(HEADER);
  #headLength = 0;
  #left = 0;
  #systemError = '';

  constructor(sinks: OutputSinks) {
    this.#sinks = sinks;
  }

  /** Neighbours of one stream are written at once: a log of short lines is a frame for each line. */
  async push(bytes: Uint8Array): Promise<void> {
    let run: Uint8Array[] = [];
    let runStream = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        at += this.#takeHead(bytes.subarray(at));
        continue;
      }
      const payload = bytes.subarray(at, at + this.#left);
      at += payload.length;
      this.#left -= payload.length;
      const stream = this.#head[0] ?? 0;
      if (stream !== runStream && run.length > 0) {
        await this.#deliver(runStream, run);
        run = [];
      }
      runStream = stream;
      run.push(payload);
      if (stream === SYSTEM_ERROR) this.#noteError(payload);
    }
    if (run.length > 0) await this.#deliver(runStream, run);
  }

  /** Throws when the stream ended inside a frame. */
  end(): void {
    if (this.#left > 0 || this.#headLength > 0) {
      throw new GantryError('unavailable', 'unexpected EOF: the daemon closed the stream in the middle of a frame');
    }
  }

  #takeHead(bytes: Uint8Array): number {
    const part = bytes.subarray(0, HEADER - this.#headLength);
    this.#head.set(part, this.#headLength);
    this.#headLength += part.length;
    if (this.#headLength === HEADER) {
      this.#headLength = 0;
      this.#left = new DataView(this.#head.buffer).getUint32(4);
      const stream = this.#head[0] ?? 0;
      if (stream > SYSTEM_ERROR) throw new GantryError('internal', `Unrecognized input header: ${stream}`);
    }
    return part.length;
  }

  #noteError(payload: Uint8Array): void {
    this.#systemError += new TextDecoder().decode(payload);
    if (this.#left === 0) throw new GantryError('internal', `error from daemon in stream: ${this.#systemError}`);
  }

  async #deliver(stream: number, run: readonly Uint8Array[]): Promise<void> {
    if (stream === SYSTEM_ERROR) return;
    const [first] = run;
    const bytes = run.length === 1 && first !== undefined ? first : Buffer.concat(run);
    await (stream === 2 ? this.#sinks.stderr : this.#sinks.stdout)?.(bytes);
  }
}
