import type { Readable } from 'node:stream';
import { GantryError } from '#base/error.ts';

/** What is not taken for so long holds the peer back. */
const MOST_WAITING_BYTES = 4 << 20;

/**
 * What comes on a stream, as much at a time as has come. A peer that sends ten thousand messages of 60 bytes sends each in a frame
 * of its own: an iterator of the stream would take several turns for each of them, and kilobytes of garbage.
 */
export class ChunkQueue {
  readonly #stream: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isOver = false;
  #failure: unknown;
  #isWaking = false;
  #wake: (() => void) | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    // Of one that has come to its end there are no more events.
    if (stream.readableEnded) this.#isOver = true;
    else if (stream.destroyed) this.#fail();
    stream.on('data', this.#take).on('end', this.#end).on('error', this.#fail).on('close', this.#fail);
  }

  /** Undefined at the end. Throws where the stream breaks off. One call at a time. */
  async next(): Promise<readonly Buffer[] | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#stream.isPaused()) this.#stream.resume();
    return chunks;
  }

  /** The stream goes on without a reader. */
  leave(): void {
    this.#stream.off('data', this.#take).off('end', this.#end).off('error', this.#fail).off('close', this.#fail);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_WAITING_BYTES) this.#stream.pause();
    if (this.#isWaking) return;
    // Not before all that came together is here.
    this.#isWaking = true;
    setImmediate(this.#tell);
  };

  readonly #end = (): void => {
    this.#isOver = true;
    this.#tell();
  };

  readonly #fail = (cause?: unknown): void => {
    if (this.#isOver) return;
    this.#failure ??= new GantryError('interrupted', 'the connection of the build was closed', { cause });
    this.#tell();
  };

  readonly #tell = (): void => {
    this.#isWaking = false;
    this.#wake?.();
    this.#wake = undefined;
  };
}
