import type { Container } from '#container/model/container.ts';
import { isLive, type ContainerState } from '#container/model/container-state.ts';
import { policyOf, type GatewayMode, type Network } from '#container/model/network.ts';
import { publishedPortsOf } from '#container/model/published.ts';
import { parseCidr } from '#net/cidr.ts';
import { networkElements, wantedElements } from '#net/firewall/elements.ts';
import { bridgeSettings, hostSysctls, type Sysctl } from '#net/firewall/kernel-settings.ts';
import type { FirewallNetwork } from '#net/firewall/model.ts';
import { parseIp } from '#net/ip.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';

/** What the kernel must be set to for a network's bridge, and for packets to pass between it and the world. */
export function bridgeSysctls(network: Network): readonly Sysctl[] {
  return firewallNetwork(network).flatMap((seen) => [...bridgeSettings(seen).sysctls, ...hostSysctls([seen])]);
}

function firewallNetwork(network: Network): FirewallNetwork[] {
  if (network.bridge === undefined) return [];
  const subnets = [network.ipv4, network.ipv6].flatMap((subnet) => (subnet === undefined ? [] : [parseCidr(subnet.cidr)]));
  const { masquerade, betweenContainers, mode, trustedLinks, hostAddress } = policyOf(network);
  const modeOf = (asked: GatewayMode): 'nat' | 'nat-unprotected' | 'routed' => (asked === 'isolated' ? 'nat' : asked);
  return [{
    bridge: network.bridge, subnets, internal: network.internal, masquerade: masquerade.ipv4, betweenContainers, trustedLinks, modes: { 4: modeOf(mode.ipv4), 6: modeOf(mode.ipv6) },
    sourceAddresses: { ...(hostAddress.ipv4 === undefined ? {} : { 4: parseIp(hostAddress.ipv4) }), ...(hostAddress.ipv6 === undefined ? {} : { 6: parseIp(hostAddress.ipv6) }) },
  }];
}

/** What a network adds to the table. */
export function joinCommands(table: string, network: Network): string {
  return renderPlan(table, { kind: 'change', remove: [], add: firewallNetwork(network).flatMap(networkElements) });
}

/** What it takes away again, a command for each element: a missing one must not keep the others. */
export function leaveCommands(table: string, network: Network): readonly string[] {
  return firewallNetwork(network).flatMap(networkElements).map((element) => renderPlan(table, { kind: 'change', remove: [element], add: [] }));
}

/** One that starts has its ports in the table already, or gets them once more: an element that is there is no error. */
function isPublishing({ phase, published }: ContainerState): boolean {
  return published.length > 0 && (isLive(phase) || phase === 'starting');
}

/** The whole table as networks and running containers need it, replaced in one transaction. */
export function firewallCommands(table: string, networks: readonly Network[], containers: readonly Container[]): string {
  const ports = containers.flatMap(({ state }) => (isPublishing(state) ? publishedPortsOf(state.endpoints, state.published) : []));
  return renderPlan(table, { kind: 'replace', cause: 'the daemon starts', elements: wantedElements(networks.flatMap(firewallNetwork), ports) });
}
