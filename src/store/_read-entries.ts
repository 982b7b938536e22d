import type { Entry } from './store.ts';

/** UTF-16 units of all values, and of one: what is read again and again is small. */
const MOST_LENGTH = 512 * 1024;
const LONGEST = 16 * 1024;

/** The present entries that were read of late: a namespace is looked at for each object that is made in it. */
export class ReadEntries {
  /** The one that was asked for last comes last. */
  readonly #entries = new Map<string, Entry>();
  #length = 0;

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  keep(entry: Entry): void {
    this.#drop(entry.key);
    if (entry.value.length > LONGEST) return;
    this.#entries.set(entry.key, entry);
    this.#length += entry.value.length;
    for (const key of this.#entries.keys()) {
      if (this.#length <= MOST_LENGTH) break;
      this.#drop(key);
    }
  }

  /** What was written since; nothing that nobody has read is kept for it. */
  changed(key: string, entry: Entry | undefined): void {
    if (!this.#entries.has(key)) return;
    if (entry === undefined) this.#drop(key);
    else this.keep(entry);
  }

  #drop(key: string): void {
    this.#length -= this.#entries.get(key)?.value.length ?? 0;
    this.#entries.delete(key);
  }
}
