import type { Duplex } from 'node:stream';
import { GantryError, messageOf } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '../../detach-keys.ts';
import type { Exchange } from '../exchange.ts';
import { hijack } from '../hijack.ts';
import { writeLog } from '../log-writer.ts';
import { endGently, RawStream } from '../raw-stream.ts';
import { acceptWebSocket } from '../web-socket.ts';

interface Plan {
  readonly container: Container;
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  readonly detachKeys: Uint8Array;
  /** Frames tell stdout from stderr. */
  readonly multiplexed: boolean;
}

/** Clients of a WebSocket from this version on name the streams that they want; earlier ones get all. */
const WEB_SOCKET_STREAMS = 1042;

function target(exchange: Exchange): { container: Container; detachKeys: Uint8Array } {
  const keys = exchange.param('detachKeys');
  const detachKeys = keys === '' ? DEFAULT_DETACH_KEYS : parseDetachKeys(keys);
  const container = exchange.engine.containers.find(exchange.name);
  const { phase } = container.state;
  if (phase === 'paused') throw new GantryError('conflict', `container ${exchange.name} is paused, unpause the container before attach`);
  if (phase === 'restarting') throw new GantryError('conflict', `container ${exchange.name} is restarting, wait until the container is running`);
  return { container, detachKeys };
}

/** `POST /containers/{id}/attach`: may come before the start, and then waits for it. */
export async function attach(exchange: Exchange): Promise<void> {
  const { container, detachKeys } = target(exchange);
  const { terminal, stdin } = container.spec.process;
  const streams = { stdin: exchange.flag('stdin') && stdin.open, stdout: exchange.flag('stdout'), stderr: exchange.flag('stderr') };
  await join(exchange, { container, detachKeys, streams, multiplexed: !terminal }, () => hijack(exchange, !terminal));
}

/** `GET /containers/{id}/attach/ws`: the same over a WebSocket, with both outputs as one. */
export async function attachWebSocket(exchange: Exchange): Promise<void> {
  const { container, detachKeys } = target(exchange);
  const names = exchange.version >= WEB_SOCKET_STREAMS;
  const wants = (name: string): boolean => !names || exchange.flag(name);
  const streams = { stdin: wants('stdin') && container.spec.process.stdin.open, stdout: wants('stdout'), stderr: wants('stderr') };
  await join(exchange, { container, detachKeys, streams, multiplexed: false }, () => acceptWebSocket(exchange));
}

async function join(exchange: Exchange, { container, detachKeys, streams, multiplexed }: Plan, connect: () => Duplex): Promise<void> {
  const { engine } = exchange;
  const { spec } = container;
  const records = exchange.flag('logs') ? engine.containers.logs(spec.id, { follow: false }) : undefined;
  // Asked for before the client knows of it: the client starts the container as soon as it does.
  const attachment = exchange.flag('stream') ? engine.containers.attach(spec.id, { stdin: streams.stdin }) : undefined;
  let socket: Duplex;
  try {
    socket = connect();
  } catch (thrown) {
    attachment?.close();
    throw thrown;
  }
  if (records !== undefined) {
    await writeLog(records, socket, { ...streams, timestamps: false, details: '', multiplexed }).catch((thrown: unknown) => exchange.front.log(`attach to ${spec.name}: its log can't be read: ${messageOf(thrown)}`));
  }
  if (attachment === undefined) {
    endGently(socket);
    return;
  }
  const giveUp = (): void => attachment.close();
  const onDetach = (): void => engine.containers.detached(spec.id);
  const stream = new RawStream(socket, { ...streams, multiplexed, ...(spec.process.terminal ? { detachKeys, onDetach } : {}) }, giveUp);
  if (socket.destroyed) attachment.close();
  attachment.io.then((io) => stream.join(io), () => stream.finish());
}
