import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { PortReservations } from './port-reservations.ts';

const NOBODY: readonly Endpoint[] = [];
const TARGET = '127.83.7.1';
/** As of a container whose IPv4 side is an address of this host. */
const SERVED = [{ network: 'n', ipv4: { address: TARGET, gateway: '127.83.7.254', prefix: 24 } }] as unknown as readonly Endpoint[];

function reservationsFor(context: TestContext): PortReservations {
  const reservations = new PortReservations();
  context.after(() => reservations.release('web'));
  return reservations;
}

/** What another program of the host is told that wants the port. */
async function wanted(host: string, port: number): Promise<string> {
  const server = createServer();
  const { promise: told, resolve } = Promise.withResolvers<string>();
  server.once('listening', () => resolve('free')).once('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''));
  server.listen({ host, port, ipv6Only: true });
  try {
    return await told;
  } finally {
    server.close();
  }
}

/** What a client of the port sees: `refused`, `ended` or what it is sent. */
async function answered(host: string, port: number): Promise<string> {
  const client = connect({ host, port });
  let heard = '';
  client.on('data', (bytes) => (heard += String(bytes)));
  const { promise, resolve } = Promise.withResolvers<string>();
  client.once('error', (error) => resolve((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'ended')).once('close', () => resolve(heard === '' ? 'ended' : heard));
  return await promise;
}

const portOf = (hostAddress: string, hostPort: number, protocol: 'tcp' | 'udp' = 'tcp', containerPort = 80): PublishedPort => ({ protocol, hostAddress, hostPort, containerPort });

test('a port that rests is nobody\'s: it is refused to programs and to clients, until it serves again or is let go', async (context) => {
  const reservations = reservationsFor(context);
  const hostPort = reservations.findFree('tcp', ['127.83.7.2'], 21_000, 30_000);
  const ports = [portOf('127.83.7.2', hostPort)];
  reservations.take('web', NOBODY, ports);
  for (let times = 0; times < 2; times += 1) {
    assert.equal(await wanted('127.83.7.2', hostPort), 'EADDRINUSE');
    reservations.rest('web');
    assert.equal(await wanted('127.83.7.2', hostPort), 'EADDRINUSE');
    assert.equal(await answered('127.83.7.2', hostPort), 'refused');
    assert.throws(() => reservations.take('other', NOBODY, ports), /address already in use/);
    reservations.take('web', NOBODY, ports);
  }
  assert.equal(await wanted('127.83.7.2', hostPort), 'EADDRINUSE');
  reservations.rest('web');
  reservations.release('web');
  assert.equal(await wanted('127.83.7.2', hostPort), 'free');
});

test('what rests and is not wanted again is let go', async (context) => {
  const reservations = reservationsFor(context);
  const first = reservations.findFree('tcp', ['127.83.7.3'], 21_000, 30_000);
  const second = reservations.findFree('tcp', ['127.83.7.3'], first + 1, 30_000);
  reservations.take('web', NOBODY, [portOf('127.83.7.3', first), portOf('127.83.7.3', second)]);
  reservations.rest('web');
  reservations.take('web', NOBODY, [portOf('127.83.7.3', second)]);
  assert.deepEqual([await wanted('127.83.7.3', first), await wanted('127.83.7.3', second)], ['free', 'EADDRINUSE']);
});

test('UDP ports are kept too', async (context) => {
  const reservations = reservationsFor(context);
  const hostPort = reservations.findFree('udp', ['127.83.7.4'], 21_000, 30_000);
  reservations.take('web', NOBODY, [portOf('127.83.7.4', hostPort, 'udp')]);
  reservations.rest('web');
  const socket = createSocket('udp4');
  const { promise: told, resolve } = Promise.withResolvers<string>();
  socket.once('listening', () => resolve('free')).once('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''));
  socket.bind({ port: hostPort, address: '127.83.7.4' });
  context.after(() => socket.close());
  assert.equal(await told, 'EADDRINUSE');
});

test('a relay of ::1 leads nowhere while its port rests, and then to where the sandbox is', async (context) => {
  const reservations = reservationsFor(context);
  let hostPort: number;
  try {
    hostPort = reservations.findFree('tcp', ['::1'], 21_000, 30_000);
  } catch (thrown) {
    return context.skip(`no IPv6 here: ${String(thrown)}`);
  }
  const program = createServer((client) => client.end('served'));
  context.after(() => program.close());
  program.listen({ host: TARGET, port: 0 });
  await once(program, 'listening');
  const ports = [portOf('::1', hostPort, 'tcp', (program.address() as { port: number }).port)];
  reservations.take('web', SERVED, ports);
  assert.equal(await answered('::1', hostPort), 'served');
  reservations.rest('web');
  assert.equal(await answered('::1', hostPort), 'ended');
  assert.equal(await wanted('::1', hostPort), 'EADDRINUSE');
  reservations.take('web', SERVED, ports);
  assert.equal(await answered('::1', hostPort), 'served');
  reservations.release('web');
  assert.equal(await answered('::1', hostPort), 'refused');
});
