import { closeSync } from 'node:fs';
import { check, lastErrno, libc } from './libc.ts';
import { errnoName } from './errno.ts';
import { systemError } from './system-error.ts';
import { withUnixAddress } from './unix-address.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2_000_000;
const MSG_NOSIGNAL = 0x4000;

/** A connected datagram socket of the unix family, which Node has none of. */
export interface Datagrams {
  /** False where the receiver has no room for now. */
  send(message: Uint8Array): boolean;
  close(): void;
}

/** Throws 'not-found' without the file, 'unavailable' without a listener. */
export function connectDatagrams(path: string): Datagrams {
  const context = { action: `connect to ${path}`, subject: `socket ${path}` };
  const fd = check('socket', libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), context);
  try {
    withUnixAddress(path, (address) => check('connect', libc.connect(fd, address, address.length), context));
  } catch (cause) {
    closeSync(fd);
    throw cause;
  }
  return {
    send(message) {
      if (libc.send(fd, Buffer.from(message), BigInt(message.length), MSG_NOSIGNAL) !== -1n) return true;
      const errno = lastErrno();
      if (errnoName(errno) === 'EAGAIN') return false;
      throw systemError('send', errno, { action: `send to ${path}`, subject: `socket ${path}` });
    },
    close: () => closeSync(fd),
  };
}
