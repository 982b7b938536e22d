import { formatTimeNs } from '#base/clock.ts';
import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import type { Network, Subnet } from '#container/model/network.ts';
import type { NetworkCreate } from '../wire/network.ts';
import { networkNamesOf, renderMember } from './networks.ts';

/** What only this front knows of a network: the parts of the request that no engine acts on. */
interface NetworkFront {
  readonly attachable: boolean;
  readonly ipam: NetworkCreate['IPAM'];
  /** Of a configuration: all of the request. */
  readonly asked?: NetworkCreate;
}

function frontOf(network: Network): NetworkFront {
  return (network.front as unknown as NetworkFront | undefined) ?? { attachable: false, ipam: null };
}

/** The request that a configuration network was made by; undefined for any other network. */
export function configurationOf(network: Network | undefined): NetworkCreate | undefined {
  return network?.isConfiguration === true ? frontOf(network).asked : undefined;
}

/** What was asked for is told as it was asked, what was chosen with its gateway. */
function renderSubnet(subnet: Subnet, { ipam }: NetworkFront) {
  const asked = ipam?.Config?.find(({ Subnet: cidr }) => cidr === subnet.cidr);
  return asked === undefined ? { Subnet: subnet.cidr, Gateway: subnet.gateway } : renderAsked(asked);
}

function renderAsked({ Subnet, IPRange, Gateway, AuxiliaryAddresses }: NonNullable<NonNullable<NetworkCreate['IPAM']>['Config']>[number]) {
  return {
    Subnet,
    ...(IPRange === '' ? {} : { IPRange }),
    ...(Gateway === '' ? {} : { Gateway }),
    ...(AuxiliaryAddresses === null ? {} : { AuxiliaryAddresses }),
  };
}

function renderMembers({ name }: Network, containers: readonly Container[]) {
  const members = containers.filter((container) => isLive(container.state.phase) && networkNamesOf(container).includes(name));
  return Object.fromEntries(members.map((container) => [container.spec.id, renderMember(container, name)]));
}

/** `GET /networks/{id}`; a list has the same entries without their containers. */
export function renderNetwork(network: Network, containers: readonly Container[]) {
  const front = frontOf(network);
  const configuration = configurationOf(network);
  const subnets = configuration !== undefined ? (configuration.IPAM?.Config ?? []).map(renderAsked) : [network.ipv4, network.ipv6, ...(network.further ?? [])].filter((subnet) => subnet !== undefined).map((subnet) => renderSubnet(subnet, front));
  const isWord = network.driver === 'host' || network.driver === 'null';
  return {
    Name: network.name,
    Id: network.id,
    Created: formatTimeNs(BigInt(network.createdNs)),
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: configuration?.EnableIPv4 ?? (isWord || network.ipv4 !== undefined),
    EnableIPv6: configuration?.EnableIPv6 ?? network.ipv6 !== undefined,
    IPAM: { Driver: front.ipam?.Driver || 'default', Options: front.ipam?.Options ?? null, Config: subnets.length === 0 && isWord ? null : subnets },
    Internal: network.internal,
    Attachable: front.attachable,
    Ingress: false,
    ConfigFrom: { Network: network.configuredBy ?? '' },
    ConfigOnly: network.isConfiguration === true,
    Containers: renderMembers(network, containers),
    Options: network.options,
    Labels: network.labels,
  };
}
