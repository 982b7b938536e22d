import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GantryError } from '#base/error.ts';

/**
 * Forces a file system to disk, once for all that ask while one sync is under way: each waits for one that began after it
 * asked. The layers of a pull so share a few syncs. In a process of its own (sync(1)), since syncfs(2) blocks its thread.
 */
export class SharedSync {
  readonly #directory: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  run(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(() => this.#begin(), () => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const running = sync(this.#directory).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}

async function sync(directory: string): Promise<void> {
  const child = spawn('sync', ['--file-system', '--', directory], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' } });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { words += text; });
  const [code] = await once(child, 'close') as [number | null];
  // A failed sync is never tried again as if nothing had been lost: the kernel has dropped what it could not write.
  if (code !== 0) throw new GantryError(words.includes('No space left') ? 'exhausted' : 'internal', `could not write the layers to disk: ${words.trim()}`);
}
