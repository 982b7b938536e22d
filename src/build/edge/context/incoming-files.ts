import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { ComingFiles } from './coming-files.ts';
import { isLargeFile, type ContextIndex } from './context-index.ts';
import type { Listed } from './listing.ts';
import { digestOfContent, ReceivedFile } from './received-file.ts';

/** Each is open while it comes. */
const MOST_COMING = 128;

/** Files that a client was asked for, which come piece by piece in any order. */
export class IncomingFiles {
  readonly #directory: string;
  readonly #before: ContextIndex;
  readonly #wanted: ReadonlyMap<number, Listed>;
  readonly #open = new Map<number, ReceivedFile>();
  readonly #digests = new Map<string, string | Promise<string>>();
  readonly #large: readonly Listed[];
  #smallLeft: number;
  #coming: ComingFiles | undefined;

  constructor(directory: string, before: ContextIndex, wanted: readonly Listed[]) {
    this.#directory = directory;
    this.#before = before;
    this.#wanted = new Map(wanted.map((entry) => [entry.id, entry]));
    this.#large = wanted.filter(isLargeFile);
    this.#smallLeft = wanted.length - this.#large.length;
  }

  /** Hex of the digests of those that are whole, by path. */
  async digests(): Promise<ReadonlyMap<string, string>> {
    return new Map(await Promise.all([...this.#digests].map(async ([path, digest]) => [path, await digest] as const)));
  }

  get isComplete(): boolean {
    return this.#digests.size === this.#wanted.size;
  }

  /** Small ones first: whoever waits for the large ones has them then. */
  order(): Iterator<number> {
    return [...[...this.#wanted.values()].filter((entry) => !isLargeFile(entry)), ...this.#large].map(({ id }) => id).values();
  }

  /** Answers how many bytes it were. */
  append(id: number, pieces: readonly Uint8Array[]): number {
    const entry = this.#entry(id);
    const file = this.#file(entry);
    file.append(pieces);
    this.#tell(entry, file);
    return pieces.reduce((sum, { length }) => sum + length, 0);
  }

  async end(id: number): Promise<void> {
    const entry = this.#entry(id);
    const file = this.#file(entry);
    file.flush();
    this.#tell(entry, file);
    const own = await file.end();
    this.#digests.set(entry.path, own ?? this.#digestFromElsewhere(entry));
    this.#open.delete(id);
    if (!isLargeFile(entry)) this.#smallLeft -= 1;
    if (!file.isAsListed && isLargeFile(entry)) this.#coming?.fail(new GantryError('unavailable', `${entry.path} is not as it was listed`));
  }

  /** Where there are only a few, all small, in a context without large ones: what will come, before anything has. */
  allComing(listed: readonly Listed[]): ComingFiles | undefined {
    const files = [...this.#wanted.values()];
    if (files.length === 0 || files.length > MOST_COMING || listed.some(isLargeFile)) return undefined;
    this.#coming = new ComingFiles(files.map(({ path, size }) => ({ path, size, modifiedNs: 0n, bytes: 0 })), false, () => false);
    return this.#coming;
  }

  /** Whether only large files are missing, of which nothing was told. */
  get isLargeLeft(): boolean {
    return this.#coming === undefined && this.#smallLeft === 0 && this.#large.length <= MOST_COMING && !this.#large.some(({ path }) => this.#digests.has(path));
  }

  /** What is known of them. All are there then, without all of their content. */
  largeComing(): ComingFiles {
    this.#coming = new ComingFiles(this.#large.map((entry) => {
      const file = this.#file(entry);
      return { path: entry.path, size: entry.size, modifiedNs: file.foretell(), bytes: file.bytes };
    }), true, (index) => this.#leaveDigest(index));
    return this.#coming;
  }

  /** All is as it will be. */
  finish(): void {
    this.#coming?.end();
  }

  async close(): Promise<void> {
    this.#coming?.fail(new GantryError('interrupted', 'the context did not come'));
    for (const file of this.#open.values()) await file.giveUp();
  }

  /** Of one that is mostly here the digest is nearly taken. */
  #leaveDigest(index: number): boolean {
    const entry = this.#large[index];
    const file = entry === undefined ? undefined : this.#open.get(entry.id);
    if (entry === undefined || file === undefined || file.bytes > entry.size / 2) return false;
    file.leaveDigest();
    return true;
  }

  async #digestFromElsewhere(entry: Listed): Promise<string> {
    try {
      const digest = await this.#coming?.digestOf(this.#large.indexOf(entry));
      if (digest !== undefined) return digest;
    } catch { /* whoever took it was given up */ }
    return await digestOfContent(join(this.#directory, entry.path));
  }

  #tell(entry: Listed, file: ReceivedFile): void {
    this.#coming?.reached(this.#large.indexOf(entry), file.bytes, file.isMemorySlow);
  }

  #entry(id: number): Listed {
    const entry = this.#wanted.get(id);
    if (entry === undefined || this.#digests.has(entry.path)) throw new GantryError('invalid', `the client sent a file that was not asked for (${id})`);
    return entry;
  }

  #file(entry: Listed): ReceivedFile {
    const file = this.#open.get(entry.id) ?? new ReceivedFile(this.#directory, entry, this.#before.get(entry.path));
    this.#open.set(entry.id, file);
    return file;
  }
}
