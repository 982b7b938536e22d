import { concatBytes } from './bytes.ts';

/** What of an open file is needed; Node's `FileHandle` has it. */
export interface PositionedFile {
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
}

/** Bytes that are written at once: a call for each piece of a stream would cost more than its bytes. */
const GATHERED_BYTES = 1 << 20;

/** A file that a stream is written to, in large pieces and while more of it comes. */
export class GatheredFile {
  readonly #file: PositionedFile;
  readonly #onWritten: (bytes: Uint8Array) => void;
  #position: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #writing: Promise<void> | undefined;

  /**
   * @param position where it goes on
   * @param onWritten sees what is in the file, in order
   */
  constructor(file: PositionedFile, position: number, onWritten: (bytes: Uint8Array) => void = () => {}) {
    this.#file = file;
    this.#position = position;
    this.#onWritten = onWritten;
  }

  /** Where the file will end, with all that was put. */
  get end(): number {
    return this.#position + this.#heldBytes;
  }

  /** The bytes must stay as they are. Rejects with an error of an earlier write. Undefined: there is nothing to wait for. */
  put(bytes: Uint8Array): Promise<void> | undefined {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    return this.#heldBytes < GATHERED_BYTES ? undefined : this.#next();
  }

  /** Until all of it is in the file. */
  async flush(): Promise<void> {
    await this.#next();
    await this.#written();
  }

  async #next(): Promise<void> {
    await this.#written();
    if (this.#heldBytes === 0) return;
    const block = this.#held.length === 1 ? this.#held[0] as Uint8Array : concatBytes(this.#held);
    [this.#held, this.#heldBytes] = [[], 0];
    const position = this.#position;
    this.#position += block.length;
    const writing = this.#write(block, position);
    // Thrown by whoever waits for it next.
    writing.catch(() => undefined);
    this.#writing = writing;
  }

  async #written(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    await writing;
  }

  async #write(block: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < block.length;) at += (await this.#file.write(block, at, block.length - at, position + at)).bytesWritten;
    this.#onWritten(block);
  }
}
