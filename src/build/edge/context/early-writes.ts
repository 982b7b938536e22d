import { fdatasync } from 'node:fs';

const PART_BYTES = 32 << 20;

/**
 * Has a file go to disk while it is written: whoever makes a layer of it waits for that in the end. One sync at a time; a slow disk has larger
 * parts to write.
 */
export class EarlyWrites {
  readonly #descriptor: number;
  #unwritten = 0;
  #running: Promise<void> | undefined;
  #failure: unknown;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  wrote(bytes: number): void {
    this.#unwritten += bytes;
    if (this.#unwritten < PART_BYTES || this.#running !== undefined) return;
    this.#unwritten = 0;
    this.#running = new Promise((resolve) => {
      fdatasync(this.#descriptor, (error) => {
        this.#failure ??= error ?? undefined;
        this.#running = undefined;
        resolve();
      });
    });
  }

  /** Before the descriptor is closed. Throws where a sync failed: the kernel tells of an error only once, and a later sync would know nothing of it. */
  async settled(): Promise<void> {
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }
}
