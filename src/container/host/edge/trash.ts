import { renameSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { errnoOf } from './linux/system-error.ts';

/** Trees on their way out: moved aside at once, deleted in the background, and at the next start where that was cut short. */
export class Trash {
  readonly #directory: string;
  readonly #log: (line: string) => void;
  #count = 0;
  #deleting: Promise<void> = Promise.resolve();

  /** @param directory on the file system of what is thrown in */
  constructor(directory: string, log: (line: string) => void) {
    this.#directory = directory;
    this.#log = log;
  }

  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory)) this.#delete(`${this.#directory}/${name}`);
  }

  async throw(path: string): Promise<void> {
    this.#count += 1;
    const aside = `${this.#directory}/${basename(path)}.${this.#count}.${process.pid}`;
    try {
      renameSync(path, aside);
      this.#delete(aside);
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT' || (thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
      // Another file system: no moving aside, so the caller waits.
      await rm(path, { recursive: true, force: true });
    }
  }

  async settled(): Promise<void> {
    await this.#deleting;
  }

  #delete(path: string): void {
    this.#deleting = this.#deleting.then(() => rm(path, { recursive: true, force: true })).catch((thrown: unknown) => this.#log(`could not delete ${path}: ${String(thrown)}`));
  }
}
