import { GantryError } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { Network } from '#container/model/network.ts';
import type { PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { parseIp } from '#net/ip.ts';
import { TakenAddresses } from '#net/taken-addresses.ts';
import type { Taken } from './endpoint-choice.ts';
import { PortNumbers } from './port-numbers.ts';

export interface Claim {
  readonly endpoints: readonly Endpoint[];
  readonly published: readonly PublishedPort[];
}

/** In Docker's words, which clients look for. */
export function portIsTaken({ id, name }: { readonly id: ContainerId; readonly name: string }, { hostAddress, hostPort, protocol }: PublishedPort): GantryError {
  const at = hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress === '' ? '0.0.0.0' : hostAddress;
  return new GantryError(
    'internal',
    `failed to set up container networking: driver failed programming external connectivity on endpoint ${name} (${id}): Bind for ${at}:${hostPort} failed: port is already allocated`,
    { subject: `port ${hostPort}/${protocol}`, hint: 'publish another port, or stop the container that has it' },
  );
}

/** Who holds which address and which port of the host. A claim is taken in one turn of the loop, so that no two agree. */
export class NetworkClaims {
  readonly #claims = new Map<string, Claim>();
  readonly #ports = new PortNumbers();
  /** By name of the network. */
  readonly #taken = new Map<string, Taken>();
  #version = 0;

  /** Another one whenever a claim changed. */
  get version(): number {
    return this.#version;
  }

  load(containers: readonly Container[]): void {
    for (const { spec, state } of containers) {
      if (state.endpoints.length > 0 || state.published.length > 0) this.#hold(spec.id, { endpoints: state.endpoints, published: state.published });
    }
  }

  /** Endpoints that stand in the network, with whose they are. */
  endpointsOf(network: Pick<Network, 'name'>): readonly { readonly container: string; readonly endpoint: Endpoint }[] {
    return [...this.#claims].flatMap(([container, { endpoints }]) => endpoints.filter((endpoint) => endpoint.network === network.name).map((endpoint) => ({ container, endpoint })));
  }

  /** Addresses in the network, but for those of one container. */
  takenIn({ name }: Pick<Network, 'name'>, except: ContainerId): Taken {
    return this.of(except).endpoints.filter(({ network }) => network === name).reduce(withoutEndpoint, this.#taken.get(name) ?? NONE_TAKEN);
  }

  of(id: ContainerId): Claim {
    return this.#claims.get(id) ?? { endpoints: [], published: [] };
  }

  isPortTaken(port: PublishedPort): boolean {
    return this.#ports.hasClash(port);
  }

  /** @throws GantryError internal, in Docker's words, where another container publishes the port: what was claimed before stays */
  take(id: ContainerId, name: string, claim: Claim): void {
    const before = this.of(id);
    this.release(id);
    for (const port of claim.published) {
      if (!this.isPortTaken(port)) continue;
      if (before.endpoints.length > 0 || before.published.length > 0) this.#hold(id, before);
      throw portIsTaken({ id, name }, port);
    }
    this.#hold(id, claim);
  }

  /** The container is gone and comes back: its addresses are free, its ports are not. */
  keepPorts(id: ContainerId): void {
    const { published } = this.of(id);
    this.release(id);
    if (published.length > 0) this.#hold(id, { endpoints: [], published });
  }

  /** The endpoints change, the ports stay. */
  move(id: ContainerId, endpoints: readonly Endpoint[]): void {
    const { published } = this.of(id);
    this.#place(id, { endpoints, published });
  }

  release(id: ContainerId): void {
    for (const port of this.of(id).published) this.#ports.delete(port);
    this.#place(id, undefined);
  }

  #hold(id: ContainerId, claim: Claim): void {
    this.#place(id, claim);
    for (const port of claim.published) this.#ports.add(port);
  }

  #place(id: string, claim: Claim | undefined): void {
    for (const endpoint of this.#claims.get(id)?.endpoints ?? []) this.#change(endpoint, withoutEndpoint);
    if (claim === undefined) this.#claims.delete(id);
    else this.#claims.set(id, claim);
    for (const endpoint of claim?.endpoints ?? []) this.#change(endpoint, withEndpoint);
    this.#version += 1;
  }

  #change(endpoint: Endpoint, change: (taken: Taken, endpoint: Endpoint) => Taken): void {
    this.#taken.set(endpoint.network, change(this.#taken.get(endpoint.network) ?? NONE_TAKEN, endpoint));
  }
}

const NONE_TAKEN: Taken = { ipv4: TakenAddresses.none, ipv6: TakenAddresses.none };

function withEndpoint({ ipv4, ipv6 }: Taken, endpoint: Endpoint): Taken {
  return { ipv4: endpoint.ipv4 === undefined ? ipv4 : ipv4.with(parseIp(endpoint.ipv4.address)), ipv6: endpoint.ipv6 === undefined ? ipv6 : ipv6.with(parseIp(endpoint.ipv6.address)) };
}

function withoutEndpoint({ ipv4, ipv6 }: Taken, endpoint: Endpoint): Taken {
  return { ipv4: endpoint.ipv4 === undefined ? ipv4 : ipv4.without(parseIp(endpoint.ipv4.address)), ipv6: endpoint.ipv6 === undefined ? ipv6 : ipv6.without(parseIp(endpoint.ipv6.address)) };
}
