import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import { routerOf } from '#container/model/gateway.ts';
import { isPredefined, type Network } from '#container/model/network.ts';
import { shortId } from '#container/model/ids.ts';
import type { Endpoint, EndpointRequest } from '#container/model/sandbox.ts';
import { parseLink } from '../lower/endpoints.ts';
import { ENDPOINT, type EndpointSettings } from '../wire/endpoint.ts';

const NONE = ENDPOINT.zero();

export type FindNetwork = (name: string) => Network | undefined;

/** The networks that a container stands in, or none where it is in another container's. */
export function networkNamesOf({ spec: { sandbox: { network, endpoints } } }: Container): readonly string[] {
  switch (network.kind) {
    case 'container': return [];
    case 'network': return endpoints.map((asked) => asked.network);
    default: return [network.kind];
  }
}

/** In the networks of no driver endpoints have no id of their own: this one is stable, and differs from the container's. */
function endpointIdOf(container: Container): string {
  const { id } = container.spec;
  return id.slice(32) + id.slice(0, 32);
}

/** `Networks` of an inspect and of a list: what was asked for (an inspect only), and while it runs how it came out. */
export function renderNetworks(container: Container, find: FindNetwork, withAsked: boolean): Record<string, EndpointSettings> {
  const { sandbox } = container.spec;
  const networks = Object.create(null) as Record<string, EndpointSettings>;
  if (sandbox.network.kind === 'network') {
    for (const request of sandbox.endpoints.toSorted((a, b) => (a.network < b.network ? -1 : 1))) networks[request.network] = renderEndpoint(container, request, find, withAsked);
  } else if (sandbox.network.kind !== 'container') {
    const name = sandbox.network.kind;
    const { phase, startedNs } = container.state;
    networks[name] = { ...NONE, NetworkID: startedNs === undefined ? '' : find(name)?.id ?? '', EndpointID: isLive(phase) ? endpointIdOf(container) : '' };
  }
  return networks;
}

/** Links on the default bridge as paths of names. Those in a network of its own are told with the container's place in it. */
export function renderLinks({ spec: { name } }: Container, { NetworkMode, Links }: { readonly NetworkMode: string; readonly Links: readonly string[] | null }): readonly string[] | null {
  if (!isPredefined({ name: NetworkMode === 'default' ? 'bridge' : NetworkMode }) || Links === null || Links.length === 0) return null;
  return Links.map(parseLink).map(({ container, alias }) => `/${container}:/${name}/${alias}`);
}

/** Only the addresses that were asked for. */
function askedAddresses(addresses: EndpointSettings['IPAMConfig']): EndpointSettings['IPAMConfig'] {
  if (addresses === null) return null;
  return Object.fromEntries(Object.entries(addresses).filter(([, value]) => value !== null && value.length > 0)) as unknown as EndpointSettings['IPAMConfig'];
}

function renderEndpoint(container: Container, request: EndpointRequest, find: FindNetwork, withAsked: boolean): EndpointSettings {
  const { spec, state } = container;
  const { network: name } = request;
  const asked = withAsked ? { ...NONE, ...(request.front as unknown as EndpointSettings | undefined) } : NONE;
  const settings = { ...asked, IPAMConfig: askedAddresses(asked.IPAMConfig), DNSNames: isPredefined({ name }) ? null : [...new Set([spec.name, ...request.aliases, shortId(spec.id), spec.sandbox.hostname])] };
  const endpoint = state.endpoints.find((one) => one.network === name);
  if (!isLive(state.phase) || endpoint === undefined) return { ...settings, NetworkID: state.startedNs === undefined ? '' : find(name)?.id ?? '' };
  return { ...settings, NetworkID: find(name)?.id ?? '', ...renderPlace(endpoint) };
}

function renderPlace({ id, macAddress, ipv4, ipv6 }: Endpoint) {
  return {
    EndpointID: id,
    MacAddress: macAddress,
    Gateway: routerOf(ipv4) ?? '',
    IPAddress: ipv4?.address ?? '',
    IPPrefixLen: ipv4?.prefixLength ?? 0,
    IPv6Gateway: routerOf(ipv6) ?? '',
    GlobalIPv6Address: ipv6?.address ?? '',
    GlobalIPv6PrefixLen: ipv6?.prefixLength ?? 0,
  };
}

/** `Containers` of a network. */
export function renderMember(container: Container, network: string) {
  const endpoint = container.state.endpoints.find((one) => one.network === network);
  const address = (place: Endpoint['ipv4']): string => (place === undefined ? '' : `${place.address}/${place.prefixLength}`);
  return {
    Name: container.spec.name,
    EndpointID: endpoint?.id ?? endpointIdOf(container),
    MacAddress: endpoint?.macAddress ?? '',
    IPv4Address: address(endpoint?.ipv4),
    IPv6Address: address(endpoint?.ipv6),
  };
}
