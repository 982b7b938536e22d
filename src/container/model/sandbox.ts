import type { ContainerId } from './ids.ts';
import type { ExposedPort, PortBinding } from './port-binding.ts';

/** Which network a sandbox stands in. */
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
  /** `name:address` pairs for /etc/hosts. */
  readonly extraHosts: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly shmSizeBytes: number;
  readonly ports: readonly PortBinding[];
  readonly publishAll: boolean;
  readonly exposed: readonly ExposedPort[];
  readonly macAddress?: string;
}

/** The sandbox's place in a network while it runs. */
export interface Endpoint {
  readonly network: string;
  readonly interfaceName: string;
  /** The host's end of the pair. */
  readonly hostLink: string;
  readonly macAddress: string;
  readonly ipv4: string;
  readonly ipv4PrefixLength: number;
  readonly ipv4Gateway: string;
  readonly ipv6?: string;
  readonly ipv6PrefixLength?: number;
  readonly ipv6Gateway?: string;
}
