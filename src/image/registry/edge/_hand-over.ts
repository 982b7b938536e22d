import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isKind, messageOf } from '#base/error.ts';
import type { SendChunks } from '../transport.ts';

/** The connection failed while others wrote to it. */
export class BrokenError extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

/**
 * Sends the head of a request, has others write the chunks of its body to the connection, and then ends it. An answer that comes before means
 * that the registry wants no more of it. Meanwhile it is for those others to find out that the connection has died.
 */
export async function handOver(sent: ClientRequest, sendChunks: SendChunks): Promise<void> {
  const over = new AbortController();
  for (const event of ['close', 'response'] as const) sent.once(event, () => over.abort());
  const socket = await connected(sent);
  sent.flushHeaders();
  // Nothing, behind the head: when that has been written, so has the head. An error of it is the request's.
  await new Promise<void>((resolve) => { socket.write('', () => resolve()); });
  const patience = socket.timeout ?? 0;
  socket.setTimeout(0);
  try {
    if (!over.signal.aborted) await sendChunks({ get descriptor() { return descriptorOf(socket); } }, over.signal);
  } catch (thrown) {
    if (over.signal.aborted) return;
    throw isKind(thrown, 'unavailable') ? new BrokenError(thrown) : thrown;
  }
  if (over.signal.aborted) return;
  socket.setTimeout(patience);
  sent.end();
}

function connected(sent: ClientRequest): Promise<Socket> {
  return new Promise((resolve) => {
    const wait = (socket: Socket): void => {
      if (socket.connecting) socket.once('connect', () => resolve(socket));
      else resolve(socket);
    };
    // Where there is none, an error of the request tells; nobody waits for this then.
    if (sent.socket === null) sent.once('socket', wait);
    else wait(sent.socket);
  });
}

function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd === undefined || handle.fd < 0 ? undefined : handle.fd;
}
