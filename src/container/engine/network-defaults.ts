import { policyOf, type BridgePolicy, type Network } from '#container/model/network.ts';
import type { AddressPool } from '#net/address-pool.ts';
import type { SubnetRequest } from './port.ts';

/** How the operator wants the default bridge, and the subnets that nobody names. */
export interface NetworkDefaults {
  readonly bridge?: { readonly ipv4?: SubnetRequest; readonly mtu?: number; readonly policy?: Partial<BridgePolicy> };
  readonly pools?: readonly AddressPool[];
}

/** Whether the default bridge is as it is wanted. What nobody asks for may be anything. */
export function fits(network: Network, wanted: NonNullable<NetworkDefaults['bridge']>): boolean {
  const { ipv4, mtu } = network;
  const policy = policyOf(network);
  const same = (asked: string | undefined, present: string | undefined): boolean => asked === undefined || asked === present;
  return same(wanted.ipv4?.cidr, ipv4?.cidr) && same(wanted.ipv4?.gateway, ipv4?.gateway) && same(wanted.ipv4?.range, ipv4?.range) && (wanted.mtu === undefined || wanted.mtu === mtu)
    && JSON.stringify({ ...policy, ...wanted.policy }) === JSON.stringify(policy);
}
