import type { Json } from '#base/json.ts';
import type { ContainerId } from './ids.ts';
import type { ExposedPort, PortBinding } from './port-binding.ts';

/** Where a sandbox's network is. `name` is the network that was named first: the others are in `SandboxSpec.endpoints`. */
export type NetworkMode =
  | { readonly kind: 'none' }
  | { readonly kind: 'host' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'container'; readonly id: ContainerId };

/** A namespace that is the sandbox's own, the host's, or another container's. */
export type NamespaceMode =
  | { readonly kind: 'private' }
  | { readonly kind: 'host' }
  | { readonly kind: 'shareable' }
  | { readonly kind: 'none' }
  | { readonly kind: 'container'; readonly id: ContainerId };

export interface DnsConfig {
  /** A server of the engine's comes first, wherever the sandbox stands; its `servers` are asked where that fails, and by itself. */
  readonly served?: true;
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** The namespaces that one or more containers share, and what belongs to them. */
export interface SandboxSpec {
  readonly hostname: string;
  readonly domainname: string;
  readonly network: NetworkMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly cgroup: NamespaceMode;
  readonly dns: DnsConfig;
  /** The first line of /etc/hosts, which says whose it is. */
  readonly hostsTitle?: string;
  /** `name:address` pairs for /etc/hosts; several names of one address with tabs between them. */
  readonly extraHosts: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly shmSizeBytes: number;
  readonly ports: readonly PortBinding[];
  readonly publishAll: boolean;
  readonly exposed: readonly ExposedPort[];
  /** What is asked of each network, the one of `network` first. Connecting and disconnecting change it, as renaming changes the name. */
  readonly endpoints: readonly EndpointRequest[];
}

/** A container that is called by a further name, in one network or by one container. */
export interface Link {
  readonly container: string;
  readonly alias: string;
}

/** What a sandbox asks of one network. */
export interface EndpointRequest {
  /** The network's name, or how it was called while there was none. */
  readonly network: string;
  readonly aliases: readonly string[];
  readonly links: readonly Link[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** Further addresses of the link, without a route of their own. */
  readonly linkLocal: readonly string[];
  readonly macAddress?: string;
  /** The endpoint with the highest one has the default routes. */
  readonly gatewayPriority: number;
  readonly interfaceName?: string;
  /** Settings of the link below net/ipv4 and net/ipv6, `IFNAME` in place of its name. */
  readonly sysctls: readonly { readonly path: string; readonly value: string }[];
  /** The request as the front got it, so that an inspect gives back what was sent. */
  readonly front?: Json;
}

/** The sandbox's place in a network while it runs. */
export interface Endpoint {
  /** 64 hex digits, new with every start. */
  readonly id: string;
  /** Its name. */
  readonly network: string;
  readonly interfaceName: string;
  /** The host's end of the pair; empty where there is none (macvlan, ipvlan). */
  readonly hostLink: string;
  /** Empty where the link has that of the one below (ipvlan). */
  readonly macAddress: string;
  readonly ipv4?: EndpointAddress;
  readonly ipv6?: EndpointAddress;
  readonly gatewayPriority: number;
}

export interface EndpointAddress {
  readonly address: string;
  readonly prefixLength: number;
  /** Absent in a network that leads nowhere. The unspecified address where the link itself leads out (ipvlan on layer 3). */
  readonly gateway?: string;
  /** The address is known outside: published ports are reached at it, and nothing is translated. */
  readonly isRouted?: boolean;
}
