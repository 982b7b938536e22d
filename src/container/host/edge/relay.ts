import { connect, createServer, type Socket } from 'node:net';

/** Where a connection goes on to; undefined ends it. */
export type RelayTarget = (client: Socket) => { readonly host: string; readonly port: number } | undefined;

/** Passes the connections of a listening socket on. @returns what ends it, with all connections */
export function relay(fd: number, targetOf: RelayTarget): () => void {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = targetOf(client);
    if (target === undefined) {
      client.destroy();
      return;
    }
    const onward = connect({ ...target, allowHalfOpen: true });
    for (const socket of [client, onward]) {
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        client.destroy();
        onward.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    client.pipe(onward).pipe(client);
  });
  server.on('error', () => {});
  server.listen({ fd });
  return () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
}
