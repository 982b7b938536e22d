import { BUFFER_BYTES } from './_byte-sink.ts';

/** Pieces are as long as what `ByteSink` writes at once. */
export const PIECE_BYTES = BUFFER_BYTES;
/** More than what can be compressed and not yet written. */
const SLOTS = 6;
const WRITTEN = 0;
const FREED = 1;
const STATE = 2;
const LENGTHS = 3;
const FAILED = 1;

/**
 * Bytes on their way from one thread to another, in memory that both have. The one that puts them in waits where there is no
 * room, and the one that takes them where there is nothing: neither needs its event loop for that.
 */
export class PieceRing {
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #pieces: readonly Buffer[];
  #taken = 0;

  /** Over the memory of the other side's ring, or over new memory. */
  constructor(memory = new SharedArrayBuffer(SLOTS * PIECE_BYTES + (LENGTHS + SLOTS) * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#control = new Int32Array(memory, SLOTS * PIECE_BYTES);
    this.#pieces = Array.from({ length: SLOTS }, (_, slot) => Buffer.from(memory, slot * PIECE_BYTES, PIECE_BYTES));
  }

  /** Memory for the next piece, once there is room. Where the other side has failed nobody will look at it. */
  room(): Buffer {
    const count = Atomics.load(this.#control, WRITTEN);
    for (let freed = 0; count - (freed = Atomics.load(this.#control, FREED)) >= SLOTS && Atomics.load(this.#control, STATE) !== FAILED;) {
      Atomics.wait(this.#control, FREED, freed);
    }
    return this.#pieces[count % SLOTS]!;
  }

  /** So much of what `room` gave is a piece, and the last one where it is nothing. */
  put(length: number): void {
    const count = Atomics.load(this.#control, WRITTEN);
    this.#control[LENGTHS + (count % SLOTS)] = length;
    this.#signal(WRITTEN, count + 1);
  }

  /** Whether `take` would not wait. */
  get hasNext(): boolean {
    return Atomics.load(this.#control, WRITTEN) > this.#taken;
  }

  /** The next piece, which stays until it is freed; undefined after the last one. */
  take(): Buffer | undefined {
    while (!this.hasNext) Atomics.wait(this.#control, WRITTEN, this.#taken);
    const slot = this.#taken % SLOTS;
    const length = this.#control[LENGTHS + slot]!;
    if (length === 0) return undefined;
    this.#taken += 1;
    return this.#pieces[slot]!.subarray(0, length);
  }

  /** So many of the pieces that were taken, from the first on, are needed no longer. */
  free(count: number): void {
    if (count > Atomics.load(this.#control, FREED)) this.#signal(FREED, count);
  }

  /** What is put in is of no use any more. */
  fail(): void {
    Atomics.store(this.#control, STATE, FAILED);
    this.#signal(FREED, Atomics.load(this.#control, FREED) + 1);
  }

  #signal(place: number, count: number): void {
    Atomics.store(this.#control, place, count);
    Atomics.notify(this.#control, place);
  }
}
