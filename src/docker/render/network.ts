import { formatTimeNs } from '#base/clock.ts';
import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import type { Network, Subnet } from '#container/model/network.ts';
import { endpointIdOf, networkNameOf } from './networks.ts';

const renderSubnet = ({ cidr, gateway }: Subnet) => ({ Subnet: cidr, Gateway: gateway });

function renderMembers(network: Network, containers: readonly Container[]) {
  const members = containers.filter((container) => isLive(container.state.phase) && networkNameOf(container) === network.name);
  return Object.fromEntries(members.map((container) => {
    const { endpoint } = container.state;
    return [container.spec.id, {
      Name: container.spec.name,
      EndpointID: endpointIdOf(container),
      MacAddress: endpoint?.macAddress ?? '',
      IPv4Address: endpoint === undefined ? '' : `${endpoint.ipv4}/${endpoint.ipv4PrefixLength}`,
      IPv6Address: endpoint?.ipv6 === undefined ? '' : `${endpoint.ipv6}/${endpoint.ipv6PrefixLength ?? 128}`,
    }];
  }));
}

/** `GET /networks/{id}`; a list has the same entries without their containers. */
export function renderNetwork(network: Network, containers: readonly Container[]) {
  const subnets = [network.ipv4, network.ipv6].filter((subnet) => subnet !== undefined).map(renderSubnet);
  return {
    Name: network.name,
    Id: network.id,
    Created: formatTimeNs(BigInt(network.createdNs)),
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: network.ipv6 !== undefined,
    IPAM: { Driver: 'default', Options: null, Config: network.driver === 'bridge' ? subnets : null },
    Internal: network.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: renderMembers(network, containers),
    Options: network.options,
    Labels: network.labels,
  };
}
