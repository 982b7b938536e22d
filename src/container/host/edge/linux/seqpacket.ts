import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { check, lastErrno, libc } from './libc.ts';
import { errnoName } from './errno.ts';
import { anyStream } from './pipe.ts';
import { systemError } from './system-error.ts';
import { withUnixAddress } from './unix-address.ts';

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2_000_000;
const SHUT_WR = 1;

/** conmon's own unit. It reads 32 KiB at most (CONN_SOCK_BUF_SIZE): the rest of a longer record would be lost. */
const MAX_RECORD_BYTES = 8192;

export interface SeqpacketConnection {
  /**
   * One 'data' event is one record. `read()` and `for await` would join records: do not use them. Ends when the other side
   * closes; pausing it makes the other side wait.
   */
  readonly records: Socket;
  /** Bytes in, records of at most 8 KiB out. Ending it tells the other side (half-close) and keeps `records` open. */
  readonly input: Writable;
  destroy(): void;
}

/** Connects to a SOCK_SEQPACKET unix socket. Throws 'not-found' without the file, 'unavailable' without a listener. */
export function connectSeqpacket(path: string): SeqpacketConnection {
  const context = { action: `connect to ${path}`, subject: `socket ${path}` };
  const fd = check('socket', libc.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), context);
  try {
    withUnixAddress(path, (address) => check('connect', libc.connect(fd, address, address.length), context));
  } catch (cause) {
    closeSync(fd);
    throw cause;
  }
  const records = anyStream(fd, { readable: true, writable: true });
  return { records, input: recordWriter(records, fd), destroy: () => void records.destroy() };
}

/** Goes through the stream, so that a full socket holds the writer back; each write of libuv is one record. */
function recordWriter(records: Socket, fd: number): Writable {
  const input = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      void writeRecords(records, chunk).then(() => callback(), callback);
    },
    final(callback) {
      callback(shutdownWrites(records, fd));
    },
  });
  // The reading half reports what goes wrong with the connection; a writer after that only stops.
  records.once('close', () => input.destroy());
  input.on('error', () => {});
  return input;
}

async function writeRecords(records: Socket, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; at += MAX_RECORD_BYTES) {
    const record = chunk.subarray(at, at + MAX_RECORD_BYTES);
    await new Promise<void>((resolve, reject) => {
      records.write(record, (error) => error ? reject(error) : resolve());
    });
  }
}

function shutdownWrites(records: Socket, fd: number): Error | null {
  // The number may mean another file once the stream has closed it.
  if (records.destroyed) return null;
  if (libc.shutdown(fd, SHUT_WR) === 0) return null;
  const errno = lastErrno();
  return errnoName(errno) === 'ENOTCONN' ? null : systemError('shutdown', errno, { action: 'end the input of a container' });
}
