import type { Arrival, ArrivingFile } from '#image/snapshot/tree-work.ts';

/** Whoever follows is told of each, not of every piece that a file comes in. */
const STEP_BYTES = 1 << 20;

export interface StartedFile extends ArrivingFile {
  /** How much of it is there. */
  readonly bytes: number;
}

interface Progress {
  readonly size: number;
  bytes: number;
  /** Of these. */
  told: number;
}

/** Large files of a context, while the client sends them. */
export class ComingFiles implements Arrival {
  readonly files: readonly ArrivingFile[];
  readonly #progress: readonly Progress[];
  readonly #whole = Promise.withResolvers<void>();
  readonly #followers = new Set<(index: number, bytes: number, leaves: boolean) => void>();

  constructor(files: readonly StartedFile[]) {
    this.files = files.map(({ path, size, modifiedNs }) => ({ path, size, modifiedNs }));
    this.#progress = files.map(({ size, bytes }) => ({ size, bytes, told: bytes }));
    // Nobody may want to know.
    this.#whole.promise.catch(() => undefined);
  }

  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  follow(told: (index: number, bytes: number, leaves: boolean) => void): () => void {
    for (const [index, { bytes }] of this.#progress.entries()) told(index, bytes, false);
    this.#followers.add(told);
    return () => void this.#followers.delete(told);
  }

  /** So many bytes of a file can be read. For `leaves` see `Arrival`. */
  reached(index: number, bytes: number, leaves: boolean): void {
    const file = this.#progress[index];
    if (file === undefined || file.bytes === bytes) return;
    file.bytes = bytes;
    if (file.bytes < file.size && file.bytes - file.told < STEP_BYTES) return;
    file.told = file.bytes;
    for (const told of this.#followers) told(index, file.bytes, leaves);
  }

  /** All of them are what was said of them. Else, `fail`. */
  end(): void {
    this.#whole.resolve();
  }

  fail(reason: unknown): void {
    this.#whole.reject(reason);
  }
}
