import type { Duplex } from 'node:stream';

/** What comes within this time is read at once. Longer ones hold the peer up: its socket is full after 280 frames, whatever their size. */
const REST_MS = 1;
/** Of this many messages none waits: a small context is listed by then. */
const FIRST_MESSAGES = 100;
/** More than this is worth a read of its own. */
const SMALL_BATCH_BYTES = 16 << 10;

type Batch = readonly (readonly Uint8Array[])[];

/** What Node's streams are read by: `socket.pause()` still reads until a buffer is full, and does nothing where HTTP/2 has the socket. */
interface ReadHandle {
  readStart(): void;
  readStop(): void;
}

/**
 * Reads of a connection on which small messages come quickly, one by one. A list of ten thousand files comes in as many frames, each written by
 * itself: whoever reads whenever there is something wakes up thousands of times, and takes processor time from the peer that makes the list.
 */
export class BatchedReads {
  readonly #handle: ReadHandle | undefined;
  #isResting = false;

  /** @param socket one that is no socket of the system, as a connection within another, is read as ever */
  constructor(socket: Duplex) {
    const { _handle: handle } = socket as unknown as { readonly _handle?: Partial<ReadHandle> | null };
    if (typeof handle?.readStart === 'function' && typeof handle.readStop === 'function') this.#handle = handle as ReadHandle;
  }

  /** The same batches. Before the next read is a rest where they show that more of the kind will come. */
  async *over(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    let messages = 0;
    for await (const batch of batches) {
      messages += batch.length;
      if (messages > FIRST_MESSAGES && batch.length > 1 && sizeOf(batch) < SMALL_BATCH_BYTES) this.#rest();
      yield batch;
    }
  }

  #rest(): void {
    if (this.#handle === undefined || this.#isResting) return;
    this.#isResting = true;
    this.#handle.readStop();
    setTimeout(this.#readOn, REST_MS);
  }

  /** In any case, so that the end of the connection is seen. One that is closed by then answers with an error code, which is of no interest. */
  readonly #readOn = (): void => {
    this.#isResting = false;
    this.#handle?.readStart();
  };
}

function sizeOf(batch: Batch): number {
  let size = 0;
  for (const pieces of batch) for (const { length } of pieces) size += length;
  return size;
}
