import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

/** Puts what was written to a journal so far on the disk. */
export interface JournalSync {
  /** @returns undefined where it is there already; else a promise, which is rejected with what the disk said */
  sync(): Promise<void> | undefined;
  close(): void;
}

/** A disk that answers within this is waited for: a trip through the thread pool would cost as much, and the writer's next write comes after it. */
const SHORT_WAIT_MS = 0.4;

/**
 * The journal of SQLite (`FILE-wal`), which is there from the first write on and stays the same file until the database is closed. SQLite
 * locks nothing by it, so that a descriptor of ours may come and go.
 */
export class WriteAheadJournal implements JournalSync {
  readonly #path: string;
  #descriptor: number | undefined;
  #lastMs = 0;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  sync(): Promise<void> | undefined {
    const descriptor = this.#descriptor ??= openSync(this.#path, 'r');
    const began = performance.now();
    if (this.#lastMs < SHORT_WAIT_MS) {
      fdatasyncSync(descriptor);
      this.#lastMs = performance.now() - began;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      fdatasync(descriptor, (failure) => {
        this.#lastMs = performance.now() - began;
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
