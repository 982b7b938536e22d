import { GantryError } from '#base/error.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';
import { libc } from './_libc.ts';
import type { NodeStatus } from './_node.ts';
import { GO, type OrderLines } from './_order-lines.ts';

/** A file that is read while another process writes it: what it will be. */
export interface ComingFile {
  readonly inode: number;
  readonly size: number;
  readonly modified: Timestamp;
}

/** As a line that tells how much of a file is there, and whether what was read of it is to leave memory. */
export function arrivalLine(index: number, bytes: number, leaves: boolean): string {
  return `${index} ${bytes} ${leaves ? 1 : 0}\n`;
}

/** POSIX_FADV_DONTNEED of fcntl.h: only of what is on disk already. */
const DONT_NEED = 4;
const LEAVING_BYTES = 16 << 20;

/** Knows of files that are still written to, from lines that come between the order and the word to go. */
export class Arrivals {
  readonly #files: ReadonlyMap<number, ComingFile & { readonly index: number }>;
  readonly #bytes: number[];
  readonly #lines: OrderLines;
  #isWhole = false;
  #leaves = false;
  #left = 0;

  constructor(files: readonly ComingFile[], lines: OrderLines) {
    this.#files = new Map(files.map((file, index) => [file.inode, { ...file, index }]));
    this.#bytes = files.map(() => 0);
    this.#lines = lines;
  }

  /** A file as it will be. */
  expected(status: NodeStatus): NodeStatus {
    const coming = this.#files.get(status.inode);
    return coming === undefined ? status : { ...status, size: coming.size, modified: coming.modified };
  }

  /** Waits until so many bytes of a file can be read. */
  wait({ inode }: NodeStatus, bytes: number): void {
    const index = this.#files.get(inode)?.index;
    while (index !== undefined && !this.#isWhole && (this.#bytes[index] as number) < bytes) this.#next();
  }

  /** To be told of a file that is read from its beginning. */
  hasRead(descriptor: number, { inode }: NodeStatus, bytes: number): void {
    if (!this.#leaves || !this.#files.has(inode) || Math.abs(bytes - this.#left) < LEAVING_BYTES) return;
    this.#left = bytes;
    libc.posix_fadvise(descriptor, 0n, BigInt(bytes), DONT_NEED);
  }

  /** Waits until all are whole and their work is wanted. */
  waitForAll(): void {
    while (!this.#isWhole) this.#next();
  }

  #next(): void {
    const line = this.#lines.next();
    if (line === undefined) throw new GantryError('interrupted', 'the layer is wanted no more');
    if (`${line}\n` === GO) {
      this.#isWhole = true;
      return;
    }
    const [index = 0, bytes = 0, leaves] = line.split(' ').map(Number);
    this.#bytes[index] = bytes;
    this.#leaves = leaves === 1;
  }
}
