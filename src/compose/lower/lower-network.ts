import type { Project } from '../model/project.ts';
import type { Service, ServiceNetwork } from '../model/service-kind.ts';
import { asObject, given, nonEmpty, type EndpointRequest } from './create-request.ts';

export interface LoweredNetworks {
  /** The network that the container is made in, or a mode such as `host`. */
  readonly mode: string;
  readonly endpoints: Readonly<Record<string, EndpointRequest>> | undefined;
}

/** Names of containers that the service shares something with. */
export type ContainerOf = (service: string) => string;

export function lowerNetworks(project: Project, name: string, service: Service, container: string, containerOf: ContainerOf): LoweredNetworks {
  const mode = service.network_mode ?? '';
  if (mode !== '') return { mode: shared(mode, containerOf), endpoints: undefined };
  const networks = networksByPriority(service);
  if (networks.length === 0) return { mode: 'none', endpoints: undefined };
  const links = linksOf(service, containerOf);
  // The service's own address is that of its place in the first network.
  const own = (config: ServiceNetwork | null, index: number): ServiceNetwork | null => (index === 0 && service.mac_address !== undefined ? { mac_address: service.mac_address, ...config } : config);
  const named = networks.map(([key, config], index): [string, EndpointRequest] => [project.networks.get(key)?.name ?? key, endpoint(own(config, index), [container, name], links)]);
  return { mode: named[0]?.[0] ?? 'none', endpoints: asObject(named) };
}

/** `service:x` as the container that it means. */
export function shared(mode: string, containerOf: ContainerOf): string {
  return mode.startsWith('service:') ? `container:${containerOf(mode.slice('service:'.length))}` : mode;
}

function networksByPriority(service: Service): [string, ServiceNetwork | null][] {
  const priority = (config: ServiceNetwork | null): number => config?.priority ?? 0;
  return [...(service.networks ?? [])].sort(([a, one], [b, two]) => priority(two) - priority(one) || (a < b ? -1 : 1));
}

function endpoint(config: ServiceNetwork | null, names: readonly string[], links: readonly string[]): EndpointRequest {
  const { aliases = [], ipv4_address, ipv6_address, link_local_ips, mac_address, driver_opts, gw_priority, interface_name } = config ?? {};
  const address = given({ IPv4Address: nonEmpty(ipv4_address), IPv6Address: nonEmpty(ipv6_address), LinkLocalIPs: nonEmpty(link_local_ips) });
  const options = [...(driver_opts ?? []), ...(interface_name === undefined ? [] : [['com.docker.network.endpoint.ifname', interface_name] as const])];
  return {
    Aliases: [...new Set([...names, ...aliases])],
    ...given({
      IPAMConfig: config === null ? undefined : address, Links: nonEmpty(links), MacAddress: nonEmpty(mac_address),
      DriverOpts: options.length === 0 ? undefined : asObject(options), GwPriority: nonEmpty(gw_priority),
    }),
  };
}

/** A link names a container, and by what names it is known here. */
export function linksOf(service: Service, containerOf: ContainerOf): string[] {
  const own = (service.links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    const container = containerOf(target);
    // By its name within the project too, which it has once there are several.
    return [...new Set([alias, `${target}-1`, container])].map((name) => `${container}:${name}`);
  });
  return [...own, ...(service.external_links ?? []).map((link) => (link.includes(':') ? link : `${link}:${link}`))];
}
