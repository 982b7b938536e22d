import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import { errnoText } from './errno.ts';
import { check, libc } from './libc.ts';

const O_CLOEXEC = 0o2_000_000;

/** Two descriptors, both closed on exec. */
export interface PipeEnds {
  readonly readEnd: number;
  readonly writeEnd: number;
}

export function pipe(): PipeEnds {
  const ends = Buffer.alloc(8);
  check('pipe2', libc.pipe2(ends, O_CLOEXEC), { action: 'make a pipe' });
  return { readEnd: ends.readInt32LE(0), writeEnd: ends.readInt32LE(4) };
}

/** The stream owns the descriptor and makes it non-blocking. */
export function readStream(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}

/** The stream owns the descriptor and makes it non-blocking. */
export function writeStream(fd: number): Socket {
  return new Socket({ fd, readable: false, writable: true });
}

interface PipeHandle {
  /** 0, or a negative errno. */
  open(fd: number): number;
}

/**
 * A stream over a descriptor that `net.Socket` refuses because it is no stream socket, pipe or terminal: sequenced
 * packets, pidfds. libuv itself does not mind. The stream owns the descriptor, also when this throws.
 */
export function anyStream(fd: number, ends: { readonly readable: boolean; readonly writable: boolean }): Socket {
  const { Pipe } = (process as unknown as PipeBinding).binding('pipe_wrap');
  const handle = new Pipe(0);
  const result = handle.open(fd);
  if (result !== 0) {
    closeSync(fd);
    throw new GantryError('internal', `could not watch a descriptor: ${errnoText(-result)}`);
  }
  // The option is what net.Server itself uses for accepted sockets; the types leave it out.
  return new Socket({ handle, allowHalfOpen: true, ...ends } as unknown as ConstructorParameters<typeof Socket>[0]);
}

interface PipeBinding {
  binding(name: 'pipe_wrap'): { readonly Pipe: new (kind: 0) => PipeHandle };
}
