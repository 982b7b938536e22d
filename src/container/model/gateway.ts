import type { Endpoint, EndpointAddress } from './sandbox.ts';

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
