import type { Endpoint, EndpointAddress } from './sandbox.ts';

/** In place of a gateway: the route leads to the link itself, and the kernel of the host has the next one. */
export const ON_LINK = { ipv4: '0.0.0.0', ipv6: '::' } as const;

/** The address of a router, where there is one. */
export function routerOf(place: EndpointAddress | undefined): string | undefined {
  return place?.gateway === ON_LINK.ipv4 || place?.gateway === ON_LINK.ipv6 ? undefined : place?.gateway;
}

/** The way out of a sandbox in one family. */
export interface Gateway {
  readonly endpoint: Endpoint;
  readonly place: EndpointAddress;
  readonly gateway: string;
}

/**
 * The endpoint whose network has the default route: the one of highest priority, then one that leads out in both families,
 * then by the network's name (Docker's order, docs of `--network gw-priority`). Published ports lead to it, too.
 */
export function gatewayOf(endpoints: readonly Endpoint[], family: 'ipv4' | 'ipv6'): Gateway | undefined {
  const leadsOut = endpoints.filter((endpoint) => endpoint[family]?.gateway !== undefined);
  const [first] = leadsOut.toSorted((a, b) => b.gatewayPriority - a.gatewayPriority || waysOut(b) - waysOut(a) || (a.network < b.network ? -1 : 1));
  const place = first?.[family];
  return first === undefined || place?.gateway === undefined ? undefined : { endpoint: first, place, gateway: place.gateway };
}

function waysOut({ ipv4, ipv6 }: Endpoint): number {
  return Number(ipv4?.gateway !== undefined) + Number(ipv6?.gateway !== undefined);
}
