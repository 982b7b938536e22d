import type { Readable, Writable } from 'node:stream';

/** A readable that may be a terminal, as `process.stdin` is. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean;
  readonly fd?: number;
  setRawMode?(raw: boolean): unknown;
}

/** A writable that may be a terminal, as `process.stdout` is. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}
