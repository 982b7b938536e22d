import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import type { Network } from '#container/model/network.ts';
import { shortId } from '#container/model/ids.ts';
import type { Front } from '../front.ts';
import { ENDPOINT, type EndpointSettings } from '../wire/endpoint.ts';

const NONE = ENDPOINT.zero();

export type FindNetwork = (name: string) => Network | undefined;

/** The network that a container stands in, or undefined where it is in another container's. */
export function networkNameOf({ spec: { sandbox: { network } } }: Container): string | undefined {
  if (network.kind === 'network') return network.name;
  return network.kind === 'container' ? undefined : network.kind;
}

/** Endpoints have no id of their own here: this one is stable, and differs from the container's. */
export function endpointIdOf(container: Container): string {
  const { id } = container.spec;
  return id.slice(32) + id.slice(0, 32);
}

/** `Networks` of an inspect and of a list: what was asked for, and while it runs how it came out. */
export function renderNetworks(container: Container, front: Front, find: FindNetwork): Record<string, EndpointSettings> {
  const name = networkNameOf(container);
  if (name === undefined) return {};
  const network = find(name);
  const asked = { ...NONE, ...front.endpoints[name] };
  const { endpoint } = container.state;
  const isDefault = name === 'bridge' || name === 'host' || name === 'none';
  const names = isDefault ? null : [container.spec.name, ...(asked.Aliases ?? []), shortId(container.spec.id)];
  if (!isLive(container.state.phase)) return { [name]: { ...asked, DNSNames: names } };
  return {
    [name]: {
      ...asked,
      DNSNames: names,
      NetworkID: network?.id ?? '',
      EndpointID: endpointIdOf(container),
      ...(endpoint === undefined ? {} : {
        MacAddress: endpoint.macAddress,
        Gateway: endpoint.ipv4Gateway,
        IPAddress: endpoint.ipv4,
        IPPrefixLen: endpoint.ipv4PrefixLength,
        IPv6Gateway: endpoint.ipv6Gateway ?? '',
        GlobalIPv6Address: endpoint.ipv6 ?? '',
        GlobalIPv6PrefixLen: endpoint.ipv6PrefixLength ?? 0,
      }),
    },
  };
}
