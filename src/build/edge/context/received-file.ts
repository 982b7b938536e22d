import { createHash, randomUUID, type Hash } from 'node:crypto';
import { closeSync, constants, createReadStream, existsSync, fchmodSync, fstatSync, ftruncateSync, futimesSync, openSync, renameSync, rmSync, writeSync, writevSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isLargeFile, type ContextEntry } from './context-index.ts';
import { EarlyWrites } from './early-writes.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const OVERWRITE = constants.O_WRONLY | constants.O_NOFOLLOW;

/** Larger writes cost less, up to about here. */
const GATHERED_BYTES = 256 << 10;

/** A file of a context, while its content comes. */
export class ReceivedFile {
  readonly #entry: ContextEntry;
  readonly #descriptor: number;
  #hash: Hash | undefined = createHash('sha256');
  /** Of a large file. */
  readonly #early: EarlyWrites | undefined;
  #bytes = 0;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;

  /** @param old what was there before */
  constructor(directory: string, entry: ContextEntry, old: ContextEntry | undefined) {
    this.#entry = entry;
    this.#descriptor = openForContent(directory, entry, old);
    this.#early = isLargeFile(entry) ? new EarlyWrites(this.#descriptor) : undefined;
  }

  /** For who reads it already: gives it the mode that it will have, and answers the time of change that it will have, as the file system keeps it. */
  foretell(): bigint {
    // Who copies it must not see it shrink: libuv waits forever for bytes that it has seen and that are gone (`uv_fs_copyfile`).
    if (fstatSync(this.#descriptor).size > this.#entry.size) ftruncateSync(this.#descriptor, this.#entry.size);
    this.#finish();
    return fstatSync(this.#descriptor, { bigint: true }).mtimeNs;
  }

  /** How much of it can be read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** See `isMemorySlow`. */
  get isMemorySlow(): boolean {
    return this.#early?.isMemorySlow ?? false;
  }

  /** Whether it has as many bytes as the client said. */
  get isAsListed(): boolean {
    return this.#bytes === this.#entry.size;
  }

  append(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#gathered.push(piece);
      this.#gatheredBytes += piece.length;
    }
    if (this.#gatheredBytes >= GATHERED_BYTES) this.flush();
  }

  /** Writes what has come. */
  flush(): void {
    const pieces = this.#gathered;
    const size = this.#gatheredBytes;
    if (size === 0) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    const begun = performance.now();
    // Short only where the disk is nearly full: piece by piece it is told.
    let written = writevSync(this.#descriptor, pieces);
    const ms = performance.now() - begun;
    for (const piece of pieces) {
      this.#hash?.update(piece);
      for (let at = Math.min(written, piece.length), rest = piece.length - at; rest > 0; rest = piece.length - at) at += writeSync(this.#descriptor, piece, at);
      written = Math.max(0, written - piece.length);
    }
    this.#bytes += size;
    this.#early?.wrote(size, ms);
  }

  /** Somebody else takes its digest. */
  leaveDigest(): void {
    this.#hash = undefined;
  }

  /** Hex of the digest of its content, unless somebody else takes it. */
  async end(): Promise<string | undefined> {
    this.flush();
    await this.#early?.settled();
    if (isLargeFile(this.#entry)) ftruncateSync(this.#descriptor, this.#bytes);
    this.#finish();
    closeSync(this.#descriptor);
    return this.#hash?.digest('hex');
  }

  #finish(): void {
    fchmodSync(this.#descriptor, this.#entry.mode);
    futimesSync(this.#descriptor, secondsOf(this.#entry), secondsOf(this.#entry));
  }

  async giveUp(): Promise<void> {
    await this.#early?.settled().catch(() => undefined);
    closeSync(this.#descriptor);
  }
}

/**
 * A large file takes the place of the one before it on disk, too: to free that and to find another takes time, and holds up whoever has
 * something synced then. Not where an earlier tree has the same file still.
 */
function openForContent(directory: string, entry: ContextEntry, old: ContextEntry | undefined): number {
  const path = join(directory, entry.path);
  if (old !== undefined && isLargeFile(old) && isLargeFile(entry) && existsSync(path)) {
    const descriptor = openSync(path, OVERWRITE);
    if (fstatSync(descriptor).nlink === 1) return descriptor;
    closeSync(descriptor);
    discard(directory, old);
  }
  return openSync(path, CREATE, 0o600);
}

export async function digestOfContent(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** To free what a large file takes on disk would hold everybody up: it leaves at once, and goes by and by. */
export function discard(directory: string, entry: ContextEntry): void {
  const { path } = entry;
  const from = join(directory, path);
  // It may have gone with its directory.
  if (!isLargeFile(entry) || !existsSync(from)) {
    rmSync(from, { recursive: true, force: true });
    return;
  }
  // Beside the directory: what is left of it there is swept with the next load.
  const gone = `${directory}.gone-${randomUUID()}`;
  renameSync(from, gone);
  void rm(gone, { force: true }).catch(() => undefined);
}

export function secondsOf({ modified }: ContextEntry): number {
  return Number(modified) / 1e9;
}
