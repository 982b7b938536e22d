import { writevSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import { libc } from './_libc.ts';

const LINE_END = Buffer.from('\r\n');
/** poll(2). */
const POLLOUT = 4;
const SILENCE_MS = 60_000;

/**
 * Writes to a connection that another process has opened, in chunks (RFC 9112, 7.1) without the one that ends them: that is for whoever
 * knows that all is well. Waits where the other side is slow. Throws `unavailable` where it has gone, or takes nothing for a minute.
 */
export class ChunkedOutput {
  readonly #descriptor: number;
  readonly #polled = Buffer.alloc(8);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    // struct pollfd
    this.#polled.writeInt32LE(descriptor, 0);
    this.#polled.writeInt16LE(POLLOUT, 4);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const parts = [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, LINE_END];
    while (parts.length > 0) drop(parts, this.#some(parts));
  }

  #some(parts: readonly Uint8Array[]): number {
    for (;;) {
      try {
        return writevSync(this.#descriptor, parts);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') throw new GantryError('unavailable', `the connection broke off: ${messageOf(cause)}`, { cause });
      }
      // An interrupted wait answers -1: then the next attempt tells.
      if (libc.poll(this.#polled, 1n, SILENCE_MS) === 0) throw new GantryError('unavailable', `nothing of the layer was taken for ${SILENCE_MS / 1000} seconds`);
    }
  }
}

/** Takes away the first `length` bytes. */
function drop(parts: Uint8Array[], length: number): void {
  let left = length;
  for (let [first] = parts; first !== undefined && left >= first.length; [first] = parts) {
    left -= first.length;
    parts.shift();
  }
  if (left > 0) parts[0] = parts[0]!.subarray(left);
}
