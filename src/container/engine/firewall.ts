import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import type { Network } from '#container/model/network.ts';
import { publishedPortsOf } from '#container/model/published.ts';
import { parseCidr } from '#net/cidr.ts';
import { wantedElements } from '#net/firewall/elements.ts';
import { bridgeSettings, hostSysctls, type Sysctl } from '#net/firewall/kernel-settings.ts';
import type { FirewallNetwork } from '#net/firewall/model.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';

/** What the kernel must be set to for a network's bridge, and for packets to pass between it and the world. */
export function bridgeSysctls(network: Network): readonly Sysctl[] {
  return firewallNetwork(network).flatMap((seen) => [...bridgeSettings(seen).sysctls, ...hostSysctls([seen])]);
}

function firewallNetwork(network: Network): FirewallNetwork[] {
  if (network.bridge === undefined) return [];
  const subnets = [network.ipv4, network.ipv6].flatMap((subnet) => (subnet === undefined ? [] : [parseCidr(subnet.cidr)]));
  return [{ bridge: network.bridge, subnets, internal: network.internal, masquerade: true, betweenContainers: true }];
}

/** The whole table as networks and running containers need it, replaced in one transaction. */
export function firewallCommands(table: string, networks: readonly Network[], containers: readonly Container[]): string {
  const ports = containers.flatMap(({ state }) => (isLive(state.phase) && state.endpoint !== undefined ? publishedPortsOf(state.endpoint, state.published) : []));
  return renderPlan(table, { kind: 'replace', cause: 'the daemon starts', elements: wantedElements(networks.flatMap(firewallNetwork), ports) });
}
