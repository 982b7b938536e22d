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
  /** Two, in turn: fresh memory for each would take longer than to copy what comes. */
  readonly #blocks: Uint8Array[] = [];
  #turn = 0;
  #held = 0;
  #writing: Promise<void> | undefined;

  /**
   * @param position where it goes on
   * @param onWritten sees what is in the file, in order; the bytes are good until it returns
   */
  constructor(file: PositionedFile, position: number, onWritten: (bytes: Uint8Array) => void = () => {}) {
    this.#file = file;
    this.#position = position;
    this.#onWritten = onWritten;
  }

  /** Where the file will end, with all that was put. */
  get end(): number {
    return this.#position + this.#held;
  }

  /** The bytes are not needed after it. Rejects with an error of an earlier write. Undefined: there is nothing to wait for. */
  put(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#held + bytes.length >= GATHERED_BYTES) return this.#putLarge(bytes);
    this.#take(bytes);
    return undefined;
  }

  /** Until all of it is in the file. */
  async flush(): Promise<void> {
    await this.#next();
    await this.#written();
  }

  async #putLarge(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + GATHERED_BYTES - this.#held);
      this.#take(part);
      at += part.length;
      if (this.#held === GATHERED_BYTES) await this.#next();
    }
  }

  #take(bytes: Uint8Array): void {
    const block = this.#blocks[this.#turn] ??= new Uint8Array(GATHERED_BYTES);
    block.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  async #next(): Promise<void> {
    await this.#written();
    const block = this.#blocks[this.#turn]?.subarray(0, this.#held);
    if (block === undefined || block.length === 0) return;
    this.#turn = 1 - this.#turn;
    this.#held = 0;
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
