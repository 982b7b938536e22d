import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GantryError } from '#base/error.ts';

/** How long bytes lie in memory while more of them are written. */
const EARLY_MS = 250;

/**
 * Forces a file system to disk, once for all that ask while one sync is under way: each waits for one that began after it
 * asked. The layers of a pull so share a few syncs. In a process of its own (sync(1)), since syncfs(2) blocks its thread.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  readonly #earlyMs: number;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>, earlyMs = EARLY_MS) {
    this.#sync = sync;
    this.#earlyMs = earlyMs;
  }

  run(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(() => this.#begin(), () => this.#begin());
    return this.#next;
  }

  /**
   * Does the work, and has what it writes go to disk meanwhile: the kernel would wait half a minute for more, and the disk has
   * nothing to do until the sync at the end. Throws also where one of these syncs failed: the kernel tells an error only once.
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const early = this.#early(over.signal);
    // Thrown below.
    early.catch(() => undefined);
    try {
      return await work();
    } finally {
      over.abort();
      await early;
    }
  }

  async #early(over: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#earlyMs, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted) return;
      await (this.#running ?? this.#begin());
    }
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    // Told to whoever waits for it.
    running.catch(() => undefined);
    this.#running = running;
    return running;
  }
}

/** Of the file system that has the directory. */
export async function syncFileSystem(directory: string): Promise<void> {
  const child = spawn('sync', ['--file-system', '--', directory], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' } });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { words += text; });
  const [code] = await once(child, 'close') as [number | null];
  // A failed sync is never tried again as if nothing had been lost: the kernel has dropped what it could not write.
  if (code !== 0) throw new GantryError(words.includes('No space left') ? 'exhausted' : 'internal', `could not write the layers to disk: ${words.trim()}`);
}
