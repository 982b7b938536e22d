import { closeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { gatewayOf } from '#container/model/gateway.ts';
import type { Protocol, PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { portSubject } from '../port-subject.ts';
import { bindPort } from './linux/bind-port.ts';
import { errnoOf } from './linux/system-error.ts';
import { relay } from './relay.ts';

function keyOf(port: PublishedPort): string {
  return `${port.protocol} ${port.hostAddress} ${port.hostPort}`;
}

/** A port that is held, and how it is let go. */
type Release = () => void;

/** Ports of the host, held by sockets, so that no other program believes them to be free. See docs/decisions/0005. */
export class PortReservations {
  readonly #held = new Map<string, Map<string, Release>>();

  /** @throws GantryError internal, in Docker's words, where a program of the host has a port */
  take(sandbox: string, endpoints: readonly Endpoint[], ports: readonly PublishedPort[]): void {
    const mine = this.#held.get(sandbox) ?? new Map<string, Release>();
    this.#held.set(sandbox, mine);
    try {
      for (const port of ports) if (!mine.has(keyOf(port))) mine.set(keyOf(port), hold(port, endpoints));
    } catch (thrown) {
      this.release(sandbox);
      throw thrown;
    }
  }

  release(sandbox: string): void {
    for (const release of this.#held.get(sandbox)?.values() ?? []) release();
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

function hold(port: PublishedPort, endpoints: readonly Endpoint[]): Release {
  // At the container's own address: the host's port stays everybody's.
  const isRouted = gatewayOf(endpoints, port.hostAddress.includes(':') ? 'ipv6' : 'ipv4')?.place.isRouted === true;
  const fd = isRouted ? undefined : reserve(port);
  if (fd === undefined) return () => {};
  const servesLoopback = port.protocol === 'tcp' && (port.hostAddress === '::' || port.hostAddress === '::1');
  const target = gatewayOf(endpoints, 'ipv4')?.place.address;
  // Only connections to ::1 arrive here: the firewall translates all others before. The container's IPv4 side is the one that programs listen on.
  return servesLoopback && target !== undefined ? relay(fd, () => ({ host: target, port: port.containerPort })) : () => closeSync(fd);
}

function reserve(port: PublishedPort): number | undefined {
  const at = port.hostAddress.includes(':') ? `[${port.hostAddress}]:${port.hostPort}` : `${port.hostAddress}:${port.hostPort}`;
  try {
    return bindPort(port.protocol, port.hostAddress, port.hostPort);
  } catch (cause) {
    const why = errnoOf(cause) === 'EADDRINUSE' ? 'address already in use' : errnoOf(cause) === 'EADDRNOTAVAIL' ? 'cannot assign requested address' : undefined;
    if (why === undefined) throw cause;
    throw new GantryError('internal', `failed to set up container networking: driver failed programming external connectivity on endpoint: failed to bind host port for ${at}: ${why}`, {
      subject: portSubject(port), hint: `see who has it: ss -ltnp 'sport = :${port.hostPort}'`, cause,
    });
  }
}
