import { closeSync, openSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { GantryError } from '#base/error.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { ContainerIo } from '../io.ts';
import { identityOf } from './found-processes.ts';
import { openStreamInside } from './linux/resolver-sockets.ts';
import { isAlive } from './linux/processes.ts';

const LOOPBACKS = [{ family: 4, host: '127.0.0.1' }, { family: 6, host: '::1' }] as const;
const CONNECT_MS = 10_000;

/** A connection to a port at the loopback address of a process's network namespace, by either family. */
export async function connectInside(process: ProcessRef, port: number, hostFd: number): Promise<ContainerIo> {
  let fault: NodeJS.ErrnoException | undefined;
  for (const { family, host } of LOOPBACKS) {
    try {
      return ioOf(await connected(openInside(process, hostFd, family), host, port));
    } catch (thrown) {
      // That of IPv4 is the one that people understand.
      fault ??= thrown as NodeJS.ErrnoException;
    }
  }
  throw new GantryError('unavailable', `failed to connect to localhost:${port} inside the network namespace: ${fault?.code === 'ECONNREFUSED' ? 'connection refused' : fault?.message ?? 'no reason given'}`, { cause: fault });
}

function openInside(process: ProcessRef, hostFd: number, family: 4 | 6): number {
  const netnsFd = openSync(`/proc/${process.pid}/ns/net`, 'r');
  try {
    if (!isAlive(identityOf(process))) throw new GantryError('conflict', 'the container has ended');
    return openStreamInside(netnsFd, hostFd, family);
  } finally {
    closeSync(netnsFd);
  }
}

/** A socket that was opened elsewhere reads at once unless it is told not to, which the types don't know of. */
interface UnstartedSocket extends SocketConstructorOpts {
  readonly manualStart: true;
}

function connected(fd: number, host: string, port: number): Promise<Socket> {
  const options: UnstartedSocket = { fd, manualStart: true, allowHalfOpen: true };
  const socket = new Socket(options);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`no answer within ${CONNECT_MS} ms`)));
  socket.once('error', reject);
  socket.connect({ host, port }, () => {
    socket.setTimeout(0);
    socket.off('error', reject);
    resolve(socket);
  });
  return promise;
}

function ioOf(socket: Socket): ContainerIo {
  const ended = Promise.withResolvers<void>();
  let isClosed = false;
  const end = (): void => {
    if (!isClosed) ended.resolve();
  };
  socket.pause();
  socket.on('error', () => socket.destroy()).on('end', end).on('close', end);
  return {
    onOutput: (callback) => void socket.on('data', (bytes: Buffer) => callback(1, bytes)).resume(),
    onEnd: (callback) => void ended.promise.then(callback),
    write: (bytes) => socket.write(bytes),
    onDrain: (callback) => void socket.on('drain', callback),
    endInput: () => void socket.end(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => {
      isClosed = true;
      socket.destroy();
    },
    abort: () => void socket.destroy(),
  };
}
