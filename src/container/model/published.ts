import type { PublishedPorts } from '#net/firewall/model.ts';
import { parseIp } from '#net/ip.ts';
import { gatewayOf } from './gateway.ts';
import type { PublishedPort } from './port-binding.ts';
import type { Endpoint } from './sandbox.ts';

/**
 * Published ports as the firewall takes them, consecutive ones as one. A port of a family in which the container has no way
 * out leads nowhere, and is left out.
 */
export function publishedPortsOf(endpoints: readonly Endpoint[], ports: readonly PublishedPort[]): PublishedPorts[] {
  const targets = { 4: gatewayOf(endpoints, 'ipv4'), 6: gatewayOf(endpoints, 'ipv6') };
  const each = ports.flatMap((port): PublishedPorts[] => {
    const hostIp = parseIp(port.hostAddress);
    const target = targets[hostIp.family];
    if (target === undefined) return [];
    const { address, isRouted = false } = target.place;
    return [{ protocol: port.protocol, hostIp, hostPort: port.hostPort, targetIp: parseIp(address), targetPort: port.containerPort, count: 1, ...(isRouted ? { isRouted } : {}) }];
  });
  return joinRuns(each);
}

function joinRuns(ports: readonly PublishedPorts[]): PublishedPorts[] {
  const runs: PublishedPorts[] = [];
  const placeOf = ({ protocol, hostIp }: PublishedPorts): string => `${protocol} ${hostIp.family} ${hostIp.value}`;
  const sorted = ports.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : a.hostPort - b.hostPort));
  for (const port of sorted) {
    const last = runs.at(-1);
    const continues = last !== undefined && placeOf(last) === placeOf(port) && last.hostPort + last.count === port.hostPort && last.targetPort + last.count === port.targetPort;
    if (continues) runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push(port);
  }
  return runs;
}
