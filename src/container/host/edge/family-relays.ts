import { closeSync, openSync } from 'node:fs';
import { messageOf } from '#base/error.ts';
import { gatewayOf } from '#container/model/gateway.ts';
import type { StepOf } from '../step.ts';
import { openFamilySocket } from './linux/family-socket.ts';
import { relay } from './relay.ts';

/**
 * Programs that listen on IPv4 only are reached by the host's IPv6 addresses, too: what arrives over IPv6 at a published port
 * and finds no program there is passed on to the container's IPv4 address. One socket for each container, none for a port.
 */
export class FamilyRelays {
  readonly #hostFd: number;
  readonly #log: (line: string) => void;
  readonly #ends = new Map<string, () => void>();

  constructor(hostFd: number, log: (line: string) => void) {
    this.#hostFd = hostFd;
    this.#log = log;
  }

  /** @param netnsPath of the sandbox's namespace; `isNew` as long as no daemon had it before */
  open({ sandbox, endpoints, ports }: StepOf<'publish'>, netnsPath: string, options: { readonly isNew: boolean }): void {
    this.close(sandbox);
    const host = gatewayOf(endpoints, 'ipv4')?.place.address;
    const wanted = new Set(ports.filter(({ protocol, hostAddress }) => protocol === 'tcp' && hostAddress.includes(':')).map(({ containerPort }) => containerPort));
    if (host === undefined || wanted.size === 0 || gatewayOf(endpoints, 'ipv6') === undefined) return;
    try {
      const netnsFd = openSync(netnsPath, 'r');
      try {
        const fd = openFamilySocket(netnsFd, this.#hostFd, [...wanted], options);
        this.#ends.set(sandbox, relay(fd, ({ localPort: port = 0 }) => (wanted.has(port) ? { host, port } : undefined)).close);
      } finally {
        closeSync(netnsFd);
      }
    } catch (thrown) {
      // Without tproxy in the kernel there is one way less to a program that does not speak IPv6.
      this.#log(`published ports of ${sandbox.slice(0, 12)} are reached over IPv6 only where programs listen on it: ${messageOf(thrown)}`);
    }
  }

  close(sandbox: string): void {
    this.#ends.get(sandbox)?.();
    this.#ends.delete(sandbox);
  }
}
