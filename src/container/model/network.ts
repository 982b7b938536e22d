import type { Json } from '#base/json.ts';
import type { NetworkId } from './ids.ts';

export interface Subnet {
  /** `172.17.0.0/16` */
  readonly cidr: string;
  readonly gateway: string;
  /** Where addresses that nobody asked for are taken from; absent: anywhere in the subnet. */
  readonly range?: string;
  /** Addresses that belong to others, by the name that they were given. */
  readonly reserved?: Readonly<Record<string, string>>;
  /** Whoever made the network named the subnet, so containers may name their addresses. */
  readonly isChosen?: boolean;
}

/** How containers of a family are reached, and reach others. `isolated`: not even the host has an address in the network. */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated';

/** What a bridge network does with packets. */
export interface BridgePolicy {
  /** Its containers may talk to each other. */
  readonly betweenContainers: boolean;
  readonly masquerade: { readonly ipv4: boolean; readonly ipv6: boolean };
  readonly mode: { readonly ipv4: GatewayMode; readonly ipv6: GatewayMode };
  /** Where ports are published whose request names no address; absent: everywhere. */
  readonly hostBinding: { readonly ipv4?: string; readonly ipv6?: string };
  /** Source address of what leaves, where it is not the way's own. */
  readonly hostAddress: { readonly ipv4?: string; readonly ipv6?: string };
  /** Links of the host from which containers may be reached without a published port. */
  readonly trustedLinks: readonly string[];
  /** The bridge stays without an IPv4 address. */
  readonly withoutGateway4: boolean;
  /** Beginning of the names of links in containers. */
  readonly linkPrefix: string;
}

/** A network of this host. `bridge` has a link of the kernel; `host` and `none` are words only. */
export interface Network {
  readonly id: NetworkId;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null' | 'macvlan' | 'ipvlan';
  readonly bridge?: string;
  /** Of macvlan: the host's link below, and how endpoints of one link see each other. */
  readonly macvlan?: { readonly parent: string; readonly mode: 'bridge' | 'private' | 'vepa' | 'passthru' };
  /** Of ipvlan: the host's link below, the layer on which it leads to endpoints, and how those of one link see each other. */
  readonly ipvlan?: { readonly parent: string; readonly mode: 'l2' | 'l3' | 'l3s'; readonly flag: 'bridge' | 'private' | 'vepa' };
  readonly ipv4?: Subnet;
  readonly ipv6?: Subnet;
  /** More subnets, of either family (macvlan, ipvlan): a place comes from the first of its family that has room. */
  readonly further?: readonly Subnet[];
  /** Settings for others to be made from, and no network: nobody stands in it. */
  readonly isConfiguration?: boolean;
  /** Name of the configuration that it was made from, which stays while this one is there. */
  readonly configuredBy?: string;
  readonly internal: boolean;
  readonly mtu: number;
  readonly policy?: BridgePolicy;
  readonly createdNs: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** What only the front that made it knows of. */
  readonly front?: Json;
}

const OPEN_POLICY: BridgePolicy = {
  betweenContainers: true, masquerade: { ipv4: true, ipv6: true }, mode: { ipv4: 'nat', ipv6: 'nat' }, hostBinding: {}, hostAddress: {}, trustedLinks: [],
  withoutGateway4: false, linkPrefix: 'eth',
};

export function policyOf(network: Network): BridgePolicy {
  return network.policy ?? OPEN_POLICY;
}

/** All subnets of a family, in the order in which they were named. */
export function subnetsOf(network: Pick<Network, 'ipv4' | 'ipv6' | 'further'>, family: 'ipv4' | 'ipv6'): Subnet[] {
  const first = network[family];
  return [...(first === undefined ? [] : [first]), ...(network.further ?? []).filter(({ cidr }) => cidr.includes(':') === (family === 'ipv6'))];
}

export function isPredefined({ name }: Pick<Network, 'name'>): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}
