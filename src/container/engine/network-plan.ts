import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { subnetsOf, type Network, type Subnet } from '#container/model/network.ts';
import { chooseSubnet, deriveSubnet6, type AddressPool } from '#net/address-pool.ts';
import { contains, containsCidr, firstAddress, formatCidr, nthAddress, overlaps, parseCidr, parseLinkAddress, sizeOf, subnetOf, type Cidr } from '#net/cidr.ts';
import { formatIp, parseIp } from '#net/ip.ts';
import type { SubnetRequest } from './port.ts';

export interface SubnetWorld {
  /** CIDRs or addresses of the host's routes and links, and of other engines' networks. */
  readonly used: readonly string[];
  readonly networks: readonly Network[];
  /** What the derived IPv6 subnet depends on. */
  readonly seed: string;
  readonly hasher: Hasher;
  /** Where IPv4 subnets that nobody names are taken from. */
  readonly pools?: readonly AddressPool[];
}

type Subnets = Pick<Network, 'ipv4' | 'ipv6' | 'further'>;

/** Subnets of a new network: those that were asked for, or ones that touch nothing of the host. An absent request leaves a family out. */
export function planSubnets(request: { readonly ipv4?: SubnetRequest; readonly ipv6?: SubnetRequest; readonly further?: readonly SubnetRequest[] }, world: SubnetWorld): Subnets {
  const known = world.networks.flatMap((network) => [...subnetsOf(network, 'ipv4'), ...subnetsOf(network, 'ipv6')]).map(({ cidr }) => parseCidr(cidr));
  const taken = [...world.used.map(cidrOf), ...known];
  const { ipv4, ipv6, further = [] } = request;
  const first: Subnets = {
    ...(ipv4 === undefined ? {} : { ipv4: planSubnet(ipv4, () => chooseSubnet(taken, world.pools), known) }),
    ...(ipv6 === undefined ? {} : { ipv6: planSubnet(ipv6, () => deriveSubnet6(world.seed, world.hasher, taken), known) }),
  };
  if (further.length === 0) return first;
  const mine = [first.ipv4, first.ipv6].filter((subnet) => subnet !== undefined);
  for (const asked of further) mine.push(planSubnet(asked, () => chooseSubnet(taken, world.pools), [...known, ...mine.map(({ cidr }) => parseCidr(cidr))]));
  return { ...first, further: mine.slice(-further.length) };
}

function planSubnet(request: SubnetRequest, choose: () => Cidr, known: readonly Cidr[]): Subnet {
  const cidr = request.cidr === undefined ? choose() : parseCidr(request.cidr);
  if (known.some((other) => overlaps(other, cidr))) {
    throw new GantryError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space', { subject: `subnet ${formatCidr(cidr)}`, hint: 'see which subnets are in use: docker network inspect' });
  }
  const gateway = request.gateway === undefined ? formatIp(gatewayOf(cidr)) : request.gateway;
  checkFree(cidr, gateway, request.reserved ?? {});
  return {
    cidr: formatCidr(cidr), gateway,
    ...(request.range === undefined ? {} : { range: request.range }),
    ...(request.reserved === undefined ? {} : { reserved: request.reserved }),
    ...(request.cidr === undefined ? {} : { isChosen: true }),
  };
}

/** In Docker's words, where the gateway or what is kept for others has an address that is not to be had. */
function checkFree(cidr: Cidr, gateway: string, reserved: Readonly<Record<string, string>>): void {
  const own = parseIp(gateway);
  const last = firstAddress(cidr).value + sizeOf(cidr) - 1n;
  const isOfAll = cidr.family === 4 && sizeOf(cidr) > 2n && (own.value === cidr.base || own.value === last);
  if (isOfAll) throw new GantryError('conflict', `failed to allocate gateway (${gateway}): Address already in use`, { subject: `subnet ${formatCidr(cidr)}`, hint: 'name an address for one machine' });
  const [name, address] = Object.entries(reserved).find(([, kept]) => parseIp(kept).value === own.value) ?? [];
  if (name !== undefined) throw new GantryError('conflict', `failed to allocate secondary ip address (${name}:${address}): Address already in use`, { subject: `subnet ${formatCidr(cidr)}`, hint: 'name a gateway of another address' });
}

/** The first address after that of the network itself; a subnet of two or one has no room for that. */
function gatewayOf(cidr: Cidr): ReturnType<typeof firstAddress> {
  return sizeOf(cidr) <= 2n ? firstAddress(cidr) : nthAddress(cidr, 1);
}

/** What is wrong with a subnet that was asked for, in Docker's words. */
export function subnetFaults({ cidr = '', gateway, range, reserved = {} }: SubnetRequest): string[] {
  let subnet: Cidr;
  try {
    const { ip, prefix } = parseLinkAddress(cidr);
    subnet = subnetOf(ip, prefix);
    if (subnet.base !== ip.value) return [`invalid subnet ${cidr}: it should be ${formatCidr(subnet)}`];
  } catch {
    return [`invalid subnet ${cidr}: invalid CIDR block notation`];
  }
  const faults = addressFaults('gateway', gateway, subnet);
  if (range !== undefined) faults.push(...rangeFaults(range, subnet));
  for (const address of Object.values(reserved)) faults.push(...addressFaults('auxiliary address', address, subnet));
  return faults;
}

function addressFaults(role: string, address: string | undefined, subnet: Cidr): string[] {
  if (address === undefined) return [];
  try {
    return contains(subnet, parseIp(address)) ? [] : [`invalid ${role} ${address}: parent subnet ${formatCidr(subnet)} doesn't contain this address`];
  } catch {
    return [`invalid ${role} ${address}: invalid address`];
  }
}

function rangeFaults(range: string, subnet: Cidr): string[] {
  try {
    const { ip, prefix } = parseLinkAddress(range);
    const cidr = subnetOf(ip, prefix);
    if (cidr.base !== ip.value) return [`invalid ip-range ${range}: it should be ${formatCidr(cidr)}`];
    return cidr.family === subnet.family && containsCidr(subnet, cidr) ? [] : [`invalid ip-range ${range}: parent subnet ${formatCidr(subnet)} doesn't contain ip-range`];
  } catch {
    return [`invalid ip-range ${range}: invalid CIDR block notation`];
  }
}

function cidrOf(text: string): Cidr {
  const { ip, prefix } = parseLinkAddress(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
  return subnetOf(ip, prefix);
}
