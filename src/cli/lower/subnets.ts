import { BlockList, isIP } from 'node:net';
import { invalid } from '../status-error.ts';
import { cut } from './split.ts';

/** One subnet of a network, as the API takes it. */
export interface SubnetConfig {
  readonly Subnet: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
}

interface Draft {
  readonly subnet: string;
  range?: string;
  gateway?: string;
  auxiliary: Record<string, string>;
}

/** Puts each range, gateway and auxiliary address into the subnet that holds it. Throws `invalid` when none does. */
export function lowerSubnets(
  subnets: readonly string[],
  ranges: readonly string[],
  gateways: readonly string[],
  auxiliary: Readonly<Record<string, string>>,
): readonly SubnetConfig[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length) throw invalid('every ip-range or gateway must have a corresponding subnet');
  const drafts: Draft[] = [];
  for (const subnet of subnets) {
    checkCidr(subnet);
    if (drafts.some((draft) => contains(subnet, draft.subnet) || contains(draft.subnet, subnet))) {
      throw invalid('multiple overlapping subnet configuration is not supported');
    }
    drafts.push({ subnet, auxiliary: {} });
  }
  for (const range of ranges) {
    checkCidr(range);
    const draft = holder(drafts, range) ?? refuse(`no matching subnet for range ${range}`);
    if (draft.range !== undefined) refuse(`cannot configure multiple ranges (${range}, ${draft.range}) on the same subnet (${draft.subnet})`);
    draft.range = range;
  }
  for (const gateway of gateways) {
    const draft = holder(drafts, gateway) ?? refuse(`no matching subnet for gateway ${gateway}`);
    if (draft.gateway !== undefined) refuse(`cannot configure multiple gateways (${gateway}, ${draft.gateway}) for the same subnet (${draft.subnet})`);
    draft.gateway = gateway;
  }
  for (const [name, address] of Object.entries(auxiliary)) {
    (holder(drafts, address) ?? refuse(`no matching subnet for aux-address ${address}`)).auxiliary[name] = address;
  }
  return drafts.map((draft) => ({
    Subnet: draft.subnet,
    ...(draft.range === undefined ? {} : { IPRange: draft.range }),
    ...(draft.gateway === undefined ? {} : { Gateway: draft.gateway }),
    ...(Object.keys(draft.auxiliary).length === 0 ? {} : { AuxiliaryAddresses: draft.auxiliary }),
  }));
}

function holder(drafts: readonly Draft[], address: string): Draft | undefined {
  return drafts.find((draft) => contains(draft.subnet, address));
}

function contains(subnet: string, inner: string): boolean {
  const [network, prefix = ''] = cut(subnet, '/');
  const [address] = cut(inner, '/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) refuse(`invalid IP address: ${inner}`);
  if (isIP(address) !== isIP(network)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(address, family);
}

function checkCidr(text: string): void {
  const [address, prefix = ''] = cut(text, '/');
  const family = isIP(address);
  if (family === 0 || !/^[0-9]+$/.test(prefix) || Number(prefix) > (family === 6 ? 128 : 32)) refuse(`invalid subnet: invalid CIDR address: ${text}`);
}

function refuse(message: string): never {
  throw invalid(message);
}
