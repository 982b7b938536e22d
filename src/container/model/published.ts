import type { PublishedPorts } from '#net/firewall/model.ts';
import { parseIp } from '#net/ip.ts';
import type { PublishedPort } from './port-binding.ts';
import type { Endpoint } from './sandbox.ts';

/** Published ports as the firewall takes them. A port of a family in which the container has no address leads nowhere, and is left out. */
export function publishedPortsOf(endpoint: Endpoint, ports: readonly PublishedPort[]): PublishedPorts[] {
  return ports.flatMap((port) => {
    const hostIp = parseIp(port.hostAddress);
    const target = hostIp.family === 4 ? endpoint.ipv4 : endpoint.ipv6;
    if (target === undefined) return [];
    return [{ protocol: port.protocol, hostIp, hostPort: port.hostPort, targetIp: parseIp(target), targetPort: port.containerPort, count: 1 }];
  });
}
