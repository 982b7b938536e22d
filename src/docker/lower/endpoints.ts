import type { Json } from '#base/json.ts';
import type { EndpointRequest, Link } from '#container/model/sandbox.ts';
import { ENDPOINT, type EndpointSettings } from '../wire/endpoint.ts';
import { invalid } from './invalid.ts';
import { isAddress } from './ip-address.ts';

const IFNAME = 'com.docker.network.endpoint.ifname';
const SYSCTLS = 'com.docker.network.endpoint.sysctls';
/** A setting of one link, with `IFNAME` where its name belongs. */
const LINK_SETTING = /^net\.(ipv4|ipv6|mpls)\.(conf|neigh|input)\.IFNAME\.([a-z0-9_]+)$/i;

/** `container` or `container:alias`, as `--link` has it. */
export function parseLink(text: string): Link {
  const parts = text.split(':');
  if (parts.length > 2 || parts[0] === '') throw invalid(`invalid reference format for link: ${text}`);
  const [container = '', alias = container] = parts;
  const name = container.replace(/^\//, '');
  return { container: name, alias: alias.replace(/^.*\//, '') };
}

/**
 * What a request asks of each network, the one of NetworkMode first and the others by name.
 * @param links those of HostConfig, which belong to the first
 */
export function lowerEndpoints(endpoints: Readonly<Record<string, EndpointSettings | null>>, main: string, nameOf: (reference: string) => string, links: readonly Link[] = []): EndpointRequest[] {
  const others = Object.keys(endpoints).filter((network) => network !== main).sort();
  return [main, ...others].map((network) => {
    const request = lowerEndpoint(nameOf(network), endpoints[network] ?? ENDPOINT.zero());
    const more = network === main ? links.filter((link) => !request.links.some(({ alias }) => alias === link.alias)) : [];
    return more.length === 0 ? request : { ...request, links: [...request.links, ...more] };
  });
}

export function lowerEndpoint(network: string, settings: EndpointSettings): EndpointRequest {
  const { IPAMConfig: addresses, MacAddress: mac, GwPriority, Aliases, Links, DriverOpts } = settings;
  const interfaceName = DriverOpts?.[IFNAME];
  return {
    network,
    aliases: Aliases ?? [],
    links: (Links ?? []).map(parseLink),
    linkLocal: addresses?.LinkLocalIPs ?? [],
    gatewayPriority: GwPriority,
    sysctls: lowerSysctls(DriverOpts?.[SYSCTLS] ?? ''),
    ...(addresses === null || addresses.IPv4Address === '' ? {} : { ipv4: addresses.IPv4Address }),
    ...(addresses === null || addresses.IPv6Address === '' ? {} : { ipv6: addresses.IPv6Address }),
    ...(mac === '' ? {} : { macAddress: mac.toLowerCase().replaceAll('-', ':') }),
    ...(interfaceName === undefined || interfaceName === '' ? {} : { interfaceName }),
    front: settings as unknown as Json,
  };
}

/** What is wrong with an endpoint's settings whichever network it is for. */
export function endpointFaults({ IPAMConfig: addresses, DriverOpts }: EndpointSettings): string[] {
  const faults: string[] = [];
  if (addresses !== null) {
    if (addresses.IPv4Address !== '' && !(isAddress(addresses.IPv4Address) && !addresses.IPv4Address.includes(':'))) faults.push(`invalid IPv4 address: ${addresses.IPv4Address}`);
    if (addresses.IPv6Address !== '' && !(isAddress(addresses.IPv6Address) && addresses.IPv6Address.includes(':'))) faults.push(`invalid IPv6 address: ${addresses.IPv6Address}`);
    for (const address of addresses.LinkLocalIPs ?? []) if (!isAddress(address)) faults.push(`invalid link-local IP address: ${address}`);
  }
  for (const [entry, key] of entriesOf(DriverOpts?.[SYSCTLS] ?? '')) {
    if (!LINK_SETTING.test(key)) faults.push(`unrecognised network interface sysctl '${entry}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`);
  }
  const name = DriverOpts?.[IFNAME];
  if (name !== undefined && !/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}$/.test(name)) faults.push(`invalid interface name: ${name}`);
  return faults;
}

/** `net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=2` */
function entriesOf(sysctls: string): readonly (readonly [entry: string, key: string, value: string])[] {
  return sysctls === '' ? [] : sysctls.split(',').map((entry) => {
    const [key = '', ...value] = entry.split('=');
    return [entry, value.length === 0 ? '' : key, value.join('=')];
  });
}

/** @param text whose faults have been told */
function lowerSysctls(text: string): EndpointRequest['sysctls'] {
  // The docker CLI sends the options of `--network` in lower case.
  return entriesOf(text).map(([, key, value]) => ({ path: key.toLowerCase().replace('.ifname.', '.IFNAME.').replaceAll('.', '/'), value }));
}
