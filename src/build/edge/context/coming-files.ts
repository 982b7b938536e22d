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
  readonly isAllElseThere: boolean;
  readonly #progress: readonly Progress[];
  readonly #whole = Promise.withResolvers<void>();
  readonly #followers = new Set<(index: number, bytes: number, leaves: boolean) => void>();
  readonly #digests = new Map<number, Promise<string>>();
  readonly #digested: (index: number) => boolean;

  /** @param digested somebody else takes the digest of a file; answers whether that is of use still */
  constructor(files: readonly StartedFile[], isAllElseThere: boolean, digested: (index: number) => boolean) {
    this.isAllElseThere = isAllElseThere;
    this.#digested = digested;
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

  digest(index: number, sha256: Promise<string>): void {
    sha256.catch(() => undefined);
    if (!this.#digests.has(index) && this.#digested(index)) this.#digests.set(index, sha256);
  }

  /** What somebody else takes. */
  digestOf(index: number): Promise<string> | undefined {
    return this.#digests.get(index);
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
