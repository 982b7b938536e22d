import { GantryError } from '#base/error.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';
import { libc } from './_libc.ts';
import type { NodeStatus } from './_node.ts';
import { GO, type OrderLines } from './_order-lines.ts';
import { Sha256 } from './_sha256.ts';

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

export interface ArrivingRead {
  /** Until so many more bytes can be read, or all that will be. */
  wait(bytes: number): void;
  took(bytes: Uint8Array): void;
  end(): void;
}

/** Told of a file when it is read, and again with what it holds. */
export interface ArrivalAnswer {
  readonly index: number;
  /** Hex, of the content. */
  readonly sha256?: string;
}

/** Knows of files that are still written to, from lines that come between the order and the word to go. */
export class Arrivals {
  readonly #files: ReadonlyMap<number, ComingFile & { readonly index: number }>;
  readonly #bytes: number[];
  readonly #lines: OrderLines;
  readonly #answer: (answer: ArrivalAnswer) => void;
  #isWhole = false;
  #leaves = false;

  constructor(files: readonly ComingFile[], lines: OrderLines, answer: (answer: ArrivalAnswer) => void) {
    this.#answer = answer;
    this.#files = new Map(files.map((file, index) => [file.inode, { ...file, index }]));
    this.#bytes = files.map(() => 0);
    this.#lines = lines;
  }

  /** A file as it will be. */
  expected(status: NodeStatus): NodeStatus {
    const coming = this.#files.get(status.inode);
    return coming === undefined ? status : { ...status, size: coming.size, modified: coming.modified };
  }

  /** Waits until all of a file can be read. */
  wait({ inode }: NodeStatus): void {
    const coming = this.#files.get(inode);
    if (coming !== undefined) this.#waitFor(coming.index, coming.size);
  }

  /** A file that is read from its beginning to its end. Undefined for one that is not coming. */
  read({ inode }: NodeStatus, descriptor: number): ArrivingRead | undefined {
    const coming = this.#files.get(inode);
    if (coming === undefined) return undefined;
    const { index } = coming;
    this.#answer({ index });
    const hash = new Sha256();
    let at = 0;
    let left = 0;
    return {
      wait: (bytes) => this.#waitFor(index, Math.min(coming.size, at + bytes)),
      took: (bytes) => {
        hash.update(bytes);
        at += bytes.length;
        if (!this.#leaves || at - left < LEAVING_BYTES) return;
        left = at;
        libc.posix_fadvise(descriptor, 0n, BigInt(at), DONT_NEED);
      },
      end: () => this.#answer({ index, sha256: hash.end() }),
    };
  }

  /** Waits until all are whole and their work is wanted. */
  waitForAll(): void {
    while (!this.#isWhole) this.#next();
  }

  #waitFor(index: number, bytes: number): void {
    while (!this.#isWhole && (this.#bytes[index] as number) < bytes) this.#next();
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
