import { readSync } from 'node:fs';

/** Tells a child that has made itself ready to begin. */
export const GO = 'go\n';
const PIECE_BYTES = 64 << 10;
const NEWLINE = 10;

/** What is sent to a child on descriptor 0, line by line. It waits for each. */
export class OrderLines {
  #held: Buffer = Buffer.alloc(0);

  /** Without its end. Undefined where no more will come. */
  next(): string | undefined {
    let end = this.#held.indexOf(NEWLINE);
    while (end < 0) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const size = readSync(0, piece);
      if (size === 0) return undefined;
      const from = this.#held.length;
      this.#held = Buffer.concat([this.#held, piece.subarray(0, size)]);
      end = this.#held.indexOf(NEWLINE, from);
    }
    const line = this.#held.toString('utf8', 0, end);
    this.#held = this.#held.subarray(end + 1);
    return line;
  }
}
