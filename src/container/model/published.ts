import type { PublishedPorts } from '#net/firewall/model.ts';
import { parseIp } from '#net/ip.ts';
import { gatewayOf } from './gateway.ts';
import type { PublishedPort } from './port-binding.ts';
import type { Endpoint } from './sandbox.ts';

/** Published ports as the firewall takes them. A port of a family in which the container has no way out leads nowhere, and is left out. */
export function publishedPortsOf(endpoints: readonly Endpoint[], ports: readonly PublishedPort[]): PublishedPorts[] {
  const targets = { 4: gatewayOf(endpoints, 'ipv4'), 6: gatewayOf(endpoints, 'ipv6') };
  return ports.flatMap((port) => {
    const hostIp = parseIp(port.hostAddress);
    const target = targets[hostIp.family];
    if (target === undefined) return [];
    return [{ protocol: port.protocol, hostIp, hostPort: port.hostPort, targetIp: parseIp(target.place.address), targetPort: port.containerPort, count: 1 }];
  });
}
