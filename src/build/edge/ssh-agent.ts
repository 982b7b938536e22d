import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { StepClient } from './session.ts';

export interface AgentSocket {
  close(): void;
}

/** A socket behind which the client's agent answers. */
export async function forwardAgent(path: string, session: StepClient, { id, mode, uid, gid }: { readonly id: string; readonly mode: number; readonly uid: number; readonly gid: number }): Promise<AgentSocket> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    void relay(socket, session, id).catch(() => undefined).finally(() => socket.destroy());
  });
  const before = process.umask(0o177);
  try {
    server.listen(path);
    await once(server, 'listening');
  } finally {
    process.umask(before);
  }
  chownSync(path, uid, gid);
  chmodSync(path, mode & 0o777);
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(path, { force: true });
    },
  };
}

async function relay(socket: Socket, session: StepClient, id: string): Promise<void> {
  const call = session.agent(id);
  const asked = (async () => {
    for await (const chunk of socket as AsyncIterable<Buffer>) await call.send({ data: chunk });
    call.end();
  })();
  asked.catch(() => call.cancel());
  for await (const { data } of call.messages) if (!socket.write(data)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
}
