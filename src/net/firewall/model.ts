import type { Cidr } from '../cidr.ts';
import type { Ip } from '../ip.ts';

/** A bridge network, as far as the firewall is concerned. */
export interface FirewallNetwork {
  /** The name of its bridge in the host. */
  readonly bridge: string;
  readonly subnets: readonly Cidr[];
  /** No traffic between its containers and anything beyond the host. */
  readonly internal: boolean;
  /** Whether its containers appear outside under the host's address. Meaningless when internal. */
  readonly masquerade: boolean;
  /** How a family is reached: by published ports only; by any port; by published ports at the container's own address. Absent: nat. */
  readonly modes?: { readonly [family in 4 | 6]?: 'nat' | 'nat-unprotected' | 'routed' };
  /** Links of the host whose packets may name its containers. */
  readonly trustedLinks?: readonly string[];
  /** Source address of what leaves, where it is not that of the way out. */
  readonly sourceAddresses?: { readonly [family in 4 | 6]?: Ip };
  /** Whether its containers may talk to each other. Enforced where bridged frames pass the firewall (br_netfilter). */
  readonly betweenContainers: boolean;
}

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** Ports of the host that lead to ports of a container. */
export interface PublishedPorts {
  readonly protocol: Protocol;
  /** `0.0.0.0` or `::` for every address of the host. Of the same family as the target. */
  readonly hostIp: Ip;
  readonly hostPort: number;
  /** The container's address. */
  readonly targetIp: Ip;
  readonly targetPort: number;
  /** How many consecutive ports, from both. */
  readonly count: number;
  /** They are reached at the container's own address, and nothing is translated. */
  readonly isRouted?: boolean;
}
