import { closeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { gatewayOf } from '#container/model/gateway.ts';
import type { Protocol, PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { portSubject } from '../port-subject.ts';
import { bindPort, listenAgain, stopListening } from './linux/bind-port.ts';
import { errnoOf } from './linux/system-error.ts';
import { relay } from './relay.ts';

function keyOf(port: PublishedPort): string {
  return `${port.protocol} ${port.hostAddress} ${port.hostPort}`;
}

interface HeldPort {
  /** No sandbox is behind it. */
  readonly rests: boolean;
  serve(endpoints: readonly Endpoint[]): void;
  rest(): void;
  release(): void;
}

/** Ports of the host, held by sockets, so that no other program believes them to be free. See docs/decisions/0005. */
export class PortReservations {
  readonly #held = new Map<string, Map<string, HeldPort>>();

  /**
   * Those that rest for the sandbox serve it from here on; one that it does not want any more is let go.
   * @throws GantryError internal, in Docker's words, where a program of the host has a port
   */
  take(sandbox: string, endpoints: readonly Endpoint[], ports: readonly PublishedPort[]): void {
    const mine = this.#held.get(sandbox) ?? new Map<string, HeldPort>();
    this.#held.set(sandbox, mine);
    try {
      for (const port of ports) {
        const key = keyOf(port);
        const held = mine.get(key);
        if (isRouted(port, endpoints)) {
          // At the container's own address: the host's port stays everybody's.
          held?.release();
          mine.delete(key);
        } else if (held !== undefined) held.serve(endpoints);
        else {
          const taken = hold(port, endpoints);
          if (taken !== undefined) mine.set(key, taken);
        }
      }
    } catch (thrown) {
      this.release(sandbox);
      throw thrown;
    }
    for (const [key, held] of mine) {
      if (!held.rests) continue;
      held.release();
      mine.delete(key);
    }
  }

  /** The sandbox is gone and comes back: until then its ports are nobody's, and connections to them are refused. */
  rest(sandbox: string): void {
    for (const held of this.#held.get(sandbox)?.values() ?? []) held.rest();
  }

  release(sandbox: string): void {
    for (const held of this.#held.get(sandbox)?.values() ?? []) held.release();
    this.#held.delete(sandbox);
  }

  /** A port that is free now; the one who takes it may still lose the race, and is told so. */
  findFree(protocol: Protocol, addresses: readonly string[], from: number, to: number): number {
    for (let port = from; port <= to; port += 1) if (addresses.every((address) => isFree(protocol, address, port))) return port;
    throw new GantryError('exhausted', `all ports from ${from} to ${to} are taken`, { subject: `${protocol} ports of ${addresses.join(' and ')}` });
  }
}

function isFree(protocol: Protocol, address: string, port: number): boolean {
  try {
    const fd = bindPort(protocol, address, port);
    if (fd !== undefined) closeSync(fd);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EADDRINUSE') throw thrown;
    return false;
  }
}

function isRouted(port: PublishedPort, endpoints: readonly Endpoint[]): boolean {
  return gatewayOf(endpoints, port.hostAddress.includes(':') ? 'ipv6' : 'ipv4')?.place.isRouted === true;
}

function hold(port: PublishedPort, endpoints: readonly Endpoint[]): HeldPort | undefined {
  const fd = inDockersWords(port, () => bindPort(port.protocol, port.hostAddress, port.hostPort));
  if (fd === undefined) return undefined;
  // Connections to ::1 alone arrive here: the firewall translates all others before.
  const servesLoopback = port.protocol === 'tcp' && (port.hostAddress === '::' || port.hostAddress === '::1');
  return servesLoopback ? relayedPort(fd, port, endpoints) : silentPort(fd, port);
}

/** Connections go on to the container's IPv4 side, which is the one that programs listen on; while it rests, they are ended at once. */
function relayedPort(fd: number, { containerPort }: PublishedPort, first: readonly Endpoint[]): HeldPort {
  let host: string | undefined;
  const { close, endConnections } = relay(fd, () => (host === undefined ? undefined : { host, port: containerPort }));
  const held = {
    rests: false,
    serve: (endpoints: readonly Endpoint[]): void => {
      host = gatewayOf(endpoints, 'ipv4')?.place.address;
      held.rests = false;
    },
    rest: (): void => {
      host = undefined;
      held.rests = true;
      endConnections();
    },
    release: close,
  };
  held.serve(first);
  return held;
}

/** Of UDP and SCTP, the sockets don't listen. */
function silentPort(fd: number, port: PublishedPort): HeldPort {
  const context = { action: `hold ${port.hostAddress} port ${port.hostPort}/${port.protocol}`, subject: portSubject(port) };
  const listens = port.protocol === 'tcp';
  const held = {
    rests: false,
    serve: (): void => {
      if (held.rests && listens) inDockersWords(port, () => listenAgain(fd, context));
      held.rests = false;
    },
    rest: (): void => {
      if (!held.rests && listens) stopListening(fd, context);
      held.rests = true;
    },
    release: (): void => closeSync(fd),
  };
  return held;
}

function inDockersWords<T>(port: PublishedPort, attempt: () => T): T {
  const at = port.hostAddress.includes(':') ? `[${port.hostAddress}]:${port.hostPort}` : `${port.hostAddress}:${port.hostPort}`;
  try {
    return attempt();
  } catch (cause) {
    const why = errnoOf(cause) === 'EADDRINUSE' ? 'address already in use' : errnoOf(cause) === 'EADDRNOTAVAIL' ? 'cannot assign requested address' : undefined;
    if (why === undefined) throw cause;
    throw new GantryError('internal', `failed to set up container networking: driver failed programming external connectivity on endpoint: failed to bind host port for ${at}: ${why}`, {
      subject: portSubject(port), hint: errnoOf(cause) === 'EADDRINUSE' ? `see who has it: ss -ltnp 'sport = :${port.hostPort}'` : 'name an address of this host: ip address', cause,
    });
  }
}
