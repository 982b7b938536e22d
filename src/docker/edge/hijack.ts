import type { Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import { commonHeaders, type Exchange } from './exchange.ts';

export const RAW = 'application/vnd.docker.raw-stream';
export const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream';
/** Clients from this version on are told which of the two it is. */
const KNOWS_MULTIPLEXED = 1042;

export function streamType(exchange: Exchange, isMultiplexed: boolean): string {
  return isMultiplexed && exchange.version >= KNOWS_MULTIPLEXED ? MULTIPLEXED : RAW;
}

/** What HTTP listens for on a socket, but for its close, which frees the parser. */
const EVENTS = ['data', 'end', 'error', 'drain', 'timeout', 'resume', 'pause'];

/** Whatever listened on the socket for HTTP's sake stops. */
export function takeFromHttp(socket: Socket): void {
  // A listener for data takes the socket back from the parser, which reads the handle itself otherwise.
  socket.on('data', () => {});
  for (const event of EVENTS) socket.removeAllListeners(event);
}

/** The connection becomes HTTP/2, which whoever gets it speaks from the first byte on. */
export function switchToHttp2(exchange: Exchange): Socket {
  const { res, upgrade } = exchange;
  if (upgrade === undefined) throw new GantryError('invalid', 'no upgrade request');
  const socket = upgrade.socket as Socket;
  res.detachSocket(socket);
  socket.on('error', () => {});
  if (typeof socket.setTimeout === 'function') socket.setTimeout(0);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  // The first frames may have come with the request.
  if (upgrade.early.length > 0) socket.unshift(Buffer.from(upgrade.early));
  return socket;
}

/**
 * Takes the connection away from HTTP: from here on it carries the streams of a container, each way until
 * its end. Without an upgrade the answer is a 200 whose body is never framed, which older clients count on.
 */
export function hijack(exchange: Exchange, isMultiplexed: boolean): Socket {
  const { req, res, upgrade } = exchange;
  const socket = (upgrade?.socket ?? req.socket) as Socket;
  res.detachSocket(socket);
  if (upgrade === undefined) takeFromHttp(socket);
  socket.on('error', () => {});
  // With a body that came late, Node hands over a stream around the socket, which has no timeouts.
  if (typeof socket.setTimeout === 'function') socket.setTimeout(0);
  const common = commonHeaders(exchange.front.version);
  const lines = common.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${common[at + 1]}`] : []));
  const head = upgrade === undefined
    ? ['HTTP/1.1 200 OK', `Content-Type: ${RAW}`]
    : ['HTTP/1.1 101 UPGRADED', `Content-Type: ${streamType(exchange, isMultiplexed)}`, 'Connection: Upgrade', 'Upgrade: tcp'];
  socket.write(`${[...head, ...lines].join('\r\n')}\r\n\r\n`);
  if (upgrade !== undefined && upgrade.early.length > 0) socket.unshift(Buffer.from(upgrade.early));
  return socket;
}
