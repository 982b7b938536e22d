import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { GantryError } from '#base/error.ts';

const AF_UNIX = 1;
/** `sun_path` is 108 bytes with its zero (unix(7)). */
const MAX_PATH_BYTES = 107;

/**
 * Calls `use` with the sockaddr_un of a path of any length: one that does not fit is reached through a descriptor of its
 * directory. Throws 'too-large' when the last component alone does not fit.
 */
export function withUnixAddress<T>(path: string, use: (address: Buffer) => T): T {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return use(encode(path));
  const directory = openSync(dirname(path), 'r');
  try {
    const short = `/proc/thread-self/fd/${directory}/${basename(path)}`;
    if (Buffer.byteLength(short) > MAX_PATH_BYTES) {
      throw new GantryError('too-large', `the socket name ${basename(path)} is too long`, { subject: `socket ${path}` });
    }
    return use(encode(short));
  } finally {
    closeSync(directory);
  }
}

function encode(path: string): Buffer {
  const address = Buffer.alloc(2 + MAX_PATH_BYTES + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  address.write(path, 2);
  return address;
}
