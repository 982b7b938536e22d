import { connect, createServer, type Socket } from 'node:net';

/** Where a connection goes on to; undefined ends it. */
export type RelayTarget = (client: Socket) => { readonly host: string; readonly port: number } | undefined;

export interface Relay {
  /** Ends the connections that are open; it goes on listening. */
  readonly endConnections: () => void;
  /** Ends it, with all connections. */
  readonly close: () => void;
}

/** Passes the connections of a listening socket on. */
export function relay(fd: number, targetOf: RelayTarget): Relay {
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
  const endConnections = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    endConnections,
    close: () => {
      server.close();
      endConnections();
    },
  };
}
