import { chmod, chown, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GantryError, messageOf } from '#base/error.ts';
import type { Clock } from '#base/clock.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { CREATE_DEFAULTS, type CreateDefaults } from '../create-defaults.ts';
import { ImageConfigs } from '../image-config.ts';
import { SummaryCache } from '../render/container-summary.ts';
import type { LoadBuilder } from './builder.ts';
import type { ClusterControl } from './cluster-control.ts';
import { takeFromHttp } from './hijack.ts';
import { createServer } from './http-module.ts';
import { Dispatcher } from './dispatch.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';

/** A client that sends its head this slowly is none; nor is one that does not come to the end of its handshake, or has left in the middle of it. */
const HEAD_PATIENCE_MS = 10_000;
/** Without a certificate there is no connection, let alone a request. A client that has sent all of its input still waits for the output. */
const TLS_SETTINGS = { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2', allowHalfOpen: true, handshakeTimeout: HEAD_PATIENCE_MS } as const;
const CHECK_EVERY_MS = 5000;
const KEEP_ALIVE_MS = 60_000;
/** Credentials for many registries may come in one header. */
const LARGEST_HEAD = 256 * 1024;

export interface DockerServerOptions {
  readonly engine: EnginePort;
  readonly clock: Clock;
  readonly version: string;
  /** Absent: nothing can be built. */
  readonly builder?: LoadBuilder;
  /** Absent: this machine can be no cluster. */
  readonly cluster?: ClusterControl;
  readonly log: (line: string) => void;
  /** What the operator has set for containers, as it is now. */
  readonly defaults?: () => CreateDefaults;
}

/** PEM texts. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface DockerServer {
  /** @param access permission bits, and the group whose members may connect. GantryError conflict where another daemon listens there. */
  listenUnix(path: string, access: { readonly mode: number; readonly gid: number }): Promise<void>;
  /** Serves those who show a certificate that `tls.ca` signed, and nobody else. An empty address is every address of the host. */
  listenTcp(place: { readonly address: string; readonly port: number }, tls: TlsMaterial): Promise<void>;
  /** Ends all connections; containers go on. */
  close(): Promise<void>;
}

/** Only the operations whose connection becomes a stream leave HTTP. */
function wantsStream(path: string, upgrade: string | undefined): boolean {
  const protocol = upgrade?.toLowerCase();
  return (protocol === 'tcp' && /\/(attach|start)(\?|$)/.test(path)) || (protocol === 'websocket' && /\/attach\/ws(\?|$)/.test(path))
    || (protocol === 'h2c' && /^(\/v[\d.]+)?\/(grpc|session)(\?|$)/.test(path));
}

/** A socket file that a daemon left behind goes; one that somebody listens on stays. */
async function clearStale(path: string): Promise<void> {
  const isLive = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
  if (isLive) throw new GantryError('conflict', `${path} is in use: another daemon listens on it`, { hint: 'stop that daemon, or give this one another socket' });
  await rm(path, { force: true });
}

/** A client that begins with HTTP/2 wants gRPC: the parser of HTTP/1 stops at its preface and gives back what it read. */
async function speakHttp2(error: Error & { readonly code?: string; readonly rawPacket?: Uint8Array }, socket: Duplex, { builder, log }: DockerServerOptions): Promise<void> {
  if (error.code !== 'HPE_PAUSED_H2_UPGRADE' || builder === undefined || error.rawPacket === undefined) {
    // As Node itself answers where nobody listens for the error.
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
    return;
  }
  takeFromHttp(socket as Socket);
  // What comes while the builder is loaded waits for it.
  socket.pause();
  socket.unshift(error.rawPacket);
  try {
    (await builder()).serve(socket);
  } catch (thrown) {
    log(`builder: ${messageOf(thrown)}`);
    socket.destroy();
  }
}

/** The Docker Engine API over an engine. */
export function createDockerServer(options: DockerServerOptions): DockerServer {
  const dispatcher = new Dispatcher({ ...options, defaults: options.defaults ?? (() => CREATE_DEFAULTS), configs: new ImageConfigs(), summaries: new SummaryCache(), followers: new Set() }, new Router(ROUTES));
  const servers: { readonly server: Server; readonly path?: string; readonly sockets: Set<Duplex> }[] = [];

  function makeServer(sockets: Set<Duplex>, tls?: TlsMaterial): Server {
    const settings = {
      headersTimeout: HEAD_PATIENCE_MS,
      requestTimeout: 0,
      // Node answers for itself then, and goes on to the next request of the connection.
      requireHostHeader: false,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: LARGEST_HEAD,
      shouldUpgradeCallback: (req: IncomingMessage) => wantsStream(req.url ?? '', req.headers.upgrade),
    };
    const handle = (req: IncomingMessage, res: ServerResponse): void => void dispatcher.handle(req, res);
    const server = tls === undefined ? createServer(settings, handle) : process.getBuiltinModule('node:https').createServer({ ...settings, ...tls, ...TLS_SETTINGS }, handle);
    server.on('upgrade', (req, socket, head) => void dispatcher.handleUpgrade(req, socket, head));
    server.on('clientError', (error: Error, socket: Duplex) => void speakHttp2(error, socket, options));
    // With TLS there is a socket below, which is all that there is before the end of the handshake.
    for (const event of tls === undefined ? ['connection'] : ['connection', 'secureConnection']) {
      server.on(event, (socket: Duplex) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
    }
    return server;
  }

  return {
    async listenUnix(path, { mode, gid }) {
      await clearStale(path);
      const sockets = new Set<Duplex>();
      const server = makeServer(sockets);
      // Nobody gets in between the bind and the change of the mode.
      const before = process.umask(0o177);
      try {
        await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
      } catch (thrown) {
        throw new GantryError('unavailable', `can't listen on ${path}: ${messageOf(thrown)}`, { cause: thrown });
      } finally {
        process.umask(before);
      }
      await chown(path, process.getuid?.() ?? 0, gid);
      await chmod(path, mode);
      servers.push({ server, path, sockets });
    },
    async listenTcp({ address, port }, tls) {
      const sockets = new Set<Duplex>();
      const server = makeServer(sockets, tls);
      const host = address === '' ? {} : { host: address };
      try {
        await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, ...host }, resolve));
      } catch (thrown) {
        throw new GantryError('unavailable', `can't listen on tcp://${address}:${port}: ${messageOf(thrown)}`, { cause: thrown });
      }
      servers.push({ server, sockets });
    },
    async close() {
      await Promise.all(servers.splice(0).map(async ({ server, path, sockets }) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        for (const socket of sockets) socket.destroy();
        await closed;
        if (path !== undefined) await rm(path, { force: true });
      }));
    },
  };
}
