import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect as connectNet, type Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import type { LogRecord } from '../log.ts';
import { journalMessage, syslogMessage, type LogTarget, type SyslogAddress } from '../log-target.ts';
import { connectDatagrams } from './linux/datagram.ts';

const JOURNAL = '/run/systemd/journal/socket';
/** Where a machine's own syslog listens. */
const LOCAL = ['/dev/log', '/var/run/syslog', '/var/run/log'];
const FULL_MS = 20;
const CONNECT_MS = 10_000;
/** What fits into one packet of UDP. */
const LARGEST_PACKET = 65_000;

/** Sends records one after the other. Both throw where the receiver is not there, or no longer. */
export interface LogSender {
  send(record: LogRecord): Promise<void>;
  close(): void;
}

interface Wire {
  send(bytes: Uint8Array): Promise<void>;
  close(): void;
}

function datagramWire(path: string): Wire {
  const socket = connectDatagrams(path);
  return {
    send: async (bytes) => {
      while (!socket.send(bytes)) await new Promise((resolve) => setTimeout(resolve, FULL_MS));
    },
    close: () => socket.close(),
  };
}

function udpWire(host: string, port: number): Wire {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => {});
  socket.unref();
  return {
    send: (bytes) => new Promise((resolve, reject) => socket.send(bytes.subarray(0, LARGEST_PACKET), port, host, (error) => (error === null ? resolve() : reject(error)))),
    close: () => socket.close(),
  };
}

async function streamWire(socket: Socket, connected: 'connect' | 'secureConnect', frame: (bytes: Uint8Array) => Uint8Array): Promise<Wire> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new GantryError('unavailable', 'the log receiver does not answer')), CONNECT_MS);
    socket.once(connected, () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  socket.resume();
  socket.unref();
  return {
    send: (bytes) => new Promise((resolve, reject) => {
      if (socket.destroyed || socket.readableEnded) reject(new GantryError('unavailable', 'the log receiver has closed the connection'));
      else socket.write(frame(bytes), (error) => (error === undefined || error === null ? resolve() : reject(error)));
    }),
    close: () => socket.destroy(),
  };
}

const byLine = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.from('\n')]);
/** RFC 5425, section 4.3. */
const byCount = (bytes: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);

async function localWire(): Promise<Wire> {
  for (const path of LOCAL) {
    try {
      return datagramWire(path);
    } catch {
      continue;
    }
  }
  throw new GantryError('unavailable', 'no syslog listens on this machine', { hint: 'give --log-opt syslog-address=' });
}

async function connect(address: SyslogAddress, isCounted: boolean): Promise<Wire> {
  switch (address.kind) {
    case 'local': return localWire();
    case 'unixgram': return datagramWire(address.path);
    case 'unix': return await streamWire(connectNet(address.path), 'connect', byLine);
    case 'udp': return udpWire(address.host, address.port);
    case 'tcp': return await streamWire(connectNet(address.port, address.host), 'connect', byLine);
    case 'tls': {
      const { connect: connectTls } = await import('node:tls');
      const read = (path: string): Buffer | undefined => (path === '' ? undefined : readFileSync(path));
      const socket = connectTls({ host: address.host, port: address.port, servername: address.host, rejectUnauthorized: !address.isUnverified, ca: read(address.caFile), cert: read(address.certFile), key: read(address.keyFile) });
      return await streamWire(socket, 'secureConnect', isCounted ? byCount : byLine);
    }
  }
}

export async function openSender(target: LogTarget): Promise<LogSender> {
  if (target.kind === 'journald') {
    const wire = datagramWire(JOURNAL);
    return { send: (record) => wire.send(journalMessage(target.fields, record)), close: () => wire.close() };
  }
  const wire = await connect(target.address, target.format.startsWith('rfc5424'));
  return { send: (record) => wire.send(Buffer.from(syslogMessage(target, record, process.pid))), close: () => wire.close() };
}
