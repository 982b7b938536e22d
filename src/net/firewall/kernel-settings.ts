import type { Cidr } from '../cidr.ts';
import type { FirewallNetwork } from './model.ts';

/** A value under /proc/sys of the host's network namespace. */
export interface Sysctl {
  readonly path: string;
  readonly value: string;
  readonly cause: string;
}

/** What a bridge needs in the kernel beside the table. All of it goes with the bridge, but for `host`. */
export interface BridgeSettings {
  /** To be set before the bridge is up. */
  readonly sysctls: readonly Sysctl[];
  /** To be set on each port, or a container can't reach its own published port where br_netfilter is on. */
  readonly hairpinPorts: boolean;
}

/** For the whole host. Others rely on these too, so they are set once and never taken back. */
export function hostSysctls(networks: Iterable<FirewallNetwork>): readonly Sysctl[] {
  const families = new Set([...networks].filter((network) => !network.internal).flatMap((network) => network.subnets.map((subnet) => subnet.family)));
  const sysctls: Sysctl[] = [];
  if (families.has(4)) sysctls.push({ path: 'net/ipv4/ip_forward', value: '1', cause: 'containers reach other hosts over IPv4' });
  if (families.has(6)) sysctls.push({ path: 'net/ipv6/conf/all/forwarding', value: '1', cause: 'containers reach other hosts over IPv6' });
  return sysctls;
}

/**
 * `127.0.0.1:<port>` needs route_localnet on the bridge, for the way out and for the answer; the table drops what comes
 * from the bridge with such an address.
 */
export function bridgeSettings(network: FirewallNetwork): BridgeSettings {
  const { bridge, subnets } = network;
  const has = (family: Cidr['family']): boolean => subnets.some((subnet) => subnet.family === family);
  return {
    sysctls: [
      ...(has(4) ? [{ path: `net/ipv4/conf/${bridge}/route_localnet`, value: '1', cause: "published ports are reached by the host's 127.0.0.1" }] : []),
      // Router advertisements of a container would else change the host's routes (CVE-2020-13401).
      { path: `net/ipv6/conf/${bridge}/accept_ra`, value: '0', cause: 'a container must not route for the host' },
      // Else the host asks for no neighbour, and forwards nothing, in the first seconds of a bridge.
      { path: `net/ipv6/conf/${bridge}/accept_dad`, value: '0', cause: 'nobody else can have the address of a bridge that we make' },
    ],
    hairpinPorts: true,
  };
}
