import { GantryError } from '#base/error.ts';
import type { PublishedPort } from '#container/model/port-binding.ts';
import { portSubject } from './port-subject.ts';

/** The ports of a fake host: published, kept, and taken by others. */
export class FakePorts {
  /** `0.0.0.0:80/tcp` */
  readonly published = new Set<string>();
  /** Ports that stay bound for sandboxes that come back. */
  readonly kept = new Map<string, readonly PublishedPort[]>();
  /** Ports of the host that its programs have. */
  readonly taken = new Set<number>();

  publish(sandbox: string, ports: readonly PublishedPort[]): void {
    const taken = ports.find(({ hostPort }) => this.taken.has(hostPort));
    if (taken !== undefined) throw new GantryError('internal', `failed to bind host port ${taken.hostPort}: address already in use`, { subject: portSubject(taken) });
    this.kept.delete(sandbox);
    for (const port of ports) this.published.add(printed(port));
  }

  unpublish(sandbox: string, ports: readonly PublishedPort[], keeps: boolean): void {
    if (keeps) this.kept.set(sandbox, ports);
    else this.kept.delete(sandbox);
    for (const port of ports) this.published.delete(printed(port));
  }

  isTaken(port: number): boolean {
    return this.taken.has(port) || this.#keptPorts().includes(port);
  }

  /** A program of the host asks for a port; false where one has it already. */
  bindForeign(port: number): boolean {
    if (this.isTaken(port) || [...this.published].some((held) => held.includes(`:${port}/`))) return false;
    this.taken.add(port);
    return true;
  }

  findFree(from: number, to: number): number {
    for (let port = from; port <= to; port += 1) if (!this.isTaken(port)) return port;
    throw new GantryError('exhausted', `all ports from ${from} to ${to} are taken`);
  }

  leftovers(): string[] {
    return [...[...this.published].map((port) => `port ${port}`), ...this.#keptPorts().map((port) => `kept port ${port}`)];
  }

  #keptPorts(): number[] {
    return [...this.kept.values()].flat().map(({ hostPort }) => hostPort);
  }
}

function printed({ hostAddress, hostPort, protocol }: PublishedPort): string {
  return `${hostAddress}:${hostPort}/${protocol}`;
}
