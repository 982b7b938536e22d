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
  readonly #memory: Spent = { bytes: 0, ms: 0 };
  readonly #disk: Spent = { bytes: 0, ms: 0 };
  #isMemorySlow = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** @param ms that the write took, into the memory of the kernel */
  wrote(bytes: number, ms: number): void {
    this.#unwritten += bytes;
    this.#memory.bytes += bytes;
    this.#memory.ms += ms;
    if (this.#unwritten < PART_BYTES || this.#running !== undefined) return;
    const part = this.#unwritten;
    this.#unwritten = 0;
    const begun = performance.now();
    this.#running = new Promise((resolve) => {
      fdatasync(this.#descriptor, (error) => {
        this.#failure ??= error ?? undefined;
        this.#disk.bytes += part;
        this.#disk.ms += performance.now() - begun;
        // Once for the whole file: as soon as its pages are used again, memory is no longer slow.
        this.#isMemorySlow ||= isMemorySlow(this.#memory, this.#disk);
        this.#running = undefined;
        resolve();
      });
    });
  }

  get isMemorySlow(): boolean {
    return this.#isMemorySlow;
  }

  /** Before the descriptor is closed. Throws where a sync failed: the kernel tells of an error only once, and a later sync would know nothing of it. */
  async settled(): Promise<void> {
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }
}

export interface Spent {
  bytes: number;
  ms: number;
}

/** Milliseconds for a mebibyte; a copy in memory takes a third of one. */
const SLOW_MS = 1;

/**
 * A virtual machine whose memory is given to it page by page, when it is first used, takes longer for a page of the cache than for one of the disk
 * (3 ms a mebibyte for 0.4). Pages that are used again cost nothing of the kind.
 */
export function isMemorySlow(memory: Spent, disk: Spent): boolean {
  if (memory.bytes === 0 || disk.bytes === 0) return false;
  const [inMemory, onDisk] = [memory, disk].map(({ bytes, ms }) => ms / bytes * (1 << 20)) as [number, number];
  return inMemory > SLOW_MS && inMemory > onDisk;
}
