import { GantryError, isKind } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import type { Random } from '#base/random.ts';
import { ON_LINK } from '#container/model/gateway.ts';
import { policyOf, subnetsOf, type Network, type Subnet } from '#container/model/network.ts';
import type { Endpoint, EndpointAddress, EndpointRequest } from '#container/model/sandbox.ts';
import { AddressAllocator } from '#net/address-allocator.ts';
import { contains, firstAddress, nthAddress, parseCidr, sizeOf } from '#net/cidr.ts';
import { formatIp, parseIp, type Ip } from '#net/ip.ts';
import type { TakenAddresses } from '#net/taken-addresses.ts';
import { macOfIpv4, macOfSeed } from '#net/mac-address.ts';

export interface EndpointChoice {
  readonly sandbox: string;
  readonly request: EndpointRequest;
  readonly network: Network;
  /** Addresses of the endpoints that stand in the network already. */
  readonly taken: Taken;
  readonly interfaceName: string;
}

type Family = 'ipv4' | 'ipv6';
export type Taken = Readonly<Record<Family, TakenAddresses>>;

/** Chooses a sandbox's place in a network: addresses, names of its links. @throws GantryError in Docker's words where what was asked for is taken */
export function chooseEndpoint(choice: EndpointChoice, { random, hasher }: { readonly random: Random; readonly hasher: Hasher }): Endpoint {
  const { sandbox, request, network, taken, interfaceName } = choice;
  checkAsked(request, network);
  const chosen4 = chooseAmong('ipv4', network, request, taken.ipv4);
  const chosen6 = chooseAmong('ipv6', network, request, taken.ipv6, offsetIn(chosen4?.subnet, chosen4?.ip));
  const ipv4 = chosen4?.ip;
  const mac = network.ipvlan !== undefined ? '' : request.macAddress ?? (ipv4 === undefined ? macOfSeed(`${sandbox} ${network.id}`, hasher) : macOfIpv4(ipv4));
  const isRoutedBelow = network.ipvlan !== undefined && network.ipvlan.mode !== 'l2';
  const place = (chosen: Chosen | undefined, mode: string): EndpointAddress | undefined => (chosen === undefined ? undefined : toPlace(chosen, mode));
  const toPlace = ({ ip, subnet }: Chosen, mode: string): EndpointAddress => ({
    address: formatIp(ip), prefixLength: parseCidr(subnet.cidr).prefix,
    ...(network.internal || mode === 'isolated' || subnet.gateway === '' ? {} : { gateway: isRoutedBelow ? ON_LINK[ip.family === 4 ? 'ipv4' : 'ipv6'] : subnet.gateway }),
    ...(mode === 'routed' ? { isRouted: true } : {}),
  });
  const { mode, withoutGateway4 } = policyOf(network);
  const place4 = place(chosen4, withoutGateway4 ? 'isolated' : mode.ipv4);
  const place6 = place(chosen6, mode.ipv6);
  return {
    id: hex(random.bytes(32)), network: network.name, interfaceName,
    // A name of its own for every start: the kernel may still be taking the last one's link away.
    hostLink: network.bridge === undefined ? '' : `gv${sandbox.slice(0, 8)}${hex(random.bytes(2))}`,
    macAddress: mac, gatewayPriority: request.gatewayPriority,
    ...(place4 === undefined ? {} : { ipv4: place4 }), ...(place6 === undefined ? {} : { ipv6: place6 }),
  };
}

/** @throws GantryError invalid, where an address is asked for that the network can't give to anybody */
export function checkAsked(request: EndpointRequest, network: Network): void {
  const faults = [[request.ipv4, subnetsOf(network, 'ipv4')] as const, [request.ipv6, subnetsOf(network, 'ipv6')] as const].flatMap(([asked, subnets]) => {
    if (asked === undefined) return [];
    if (network.ipv4?.isChosen !== true && network.ipv6?.isChosen !== true) return ['user specified IP address is supported only when connecting to networks with user configured subnets'];
    const isIn = subnets.some(({ cidr }) => contains(parseCidr(cidr), parseIp(asked)));
    return isIn ? [] : [`no configured subnet or ip-range contain the IP address ${asked}`];
  });
  if (faults.length === 0) return;
  throw new GantryError('invalid', `invalid endpoint settings:\n${faults.length === 1 ? faults[0] ?? '' : faults.map((fault) => `* ${fault}`).join('\n')}`, { subject: `network ${network.name}` });
}

interface Chosen {
  readonly ip: Ip;
  readonly subnet: Subnet;
}

/** From the subnet that holds the address that is asked for, or from the first that has room. Undefined in a network without the family. */
function chooseAmong(family: Family, network: Network, request: EndpointRequest, taken: TakenAddresses, preferred?: bigint): Chosen | undefined {
  const asked = request[family];
  const subnets = subnetsOf(network, family).filter(({ cidr }) => asked === undefined || contains(parseCidr(cidr), parseIp(asked)));
  for (const [index, subnet] of subnets.entries()) {
    try {
      return { ip: chooseAddress(family, subnet, request, taken, preferred), subnet };
    } catch (thrown) {
      if (!isKind(thrown, 'exhausted') || index === subnets.length - 1) throw thrown;
    }
  }
  return undefined;
}

/** @param preferred offset of the address that is taken if it is free: both families' addresses then look alike */
function chooseAddress(family: Family, subnet: Subnet, request: EndpointRequest, taken: TakenAddresses, preferred?: bigint): Ip {
  const cidr = parseCidr(subnet.cidr);
  const used = Object.values(subnet.reserved ?? {}).map(parseIp).filter((ip) => contains(cidr, ip));
  const allocator = AddressAllocator.of({
    subnet: cidr, gateway: subnet.gateway === '' ? null : parseIp(subnet.gateway), used, taken, order: 'lowest', ...(subnet.range === undefined ? {} : { range: parseCidr(subnet.range) }),
  });
  const asked = request[family];
  if (asked === undefined) {
    const wanted = preferred === undefined || subnet.range !== undefined || preferred >= sizeOf(cidr) ? undefined : nthAddress(cidr, preferred);
    return wanted !== undefined && !allocator.isUsed(wanted) ? wanted : allocator.next().ip;
  }
  try {
    allocator.claim(parseIp(asked));
  } catch (thrown) {
    // Docker's words, and its status.
    if (isKind(thrown, 'conflict')) throw new GantryError('forbidden', 'Address already in use', { subject: `address ${asked}`, cause: thrown });
    throw thrown;
  }
  return parseIp(asked);
}

function offsetIn(subnet: Subnet | undefined, ip: Ip | undefined): bigint | undefined {
  return subnet === undefined || ip === undefined ? undefined : ip.value - firstAddress(parseCidr(subnet.cidr)).value;
}

function hex(bytes: Uint8Array): string {
  return bytes.reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
}
