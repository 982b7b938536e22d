import { GantryError } from '#base/error.ts';
import { bitsOf, compareIp, formatIp, parseIp, type Family, type Ip } from './ip.ts';

/** A subnet: its first address and the length of its prefix. No host bits are ever set. */
export interface Cidr {
  readonly family: Family;
  readonly base: bigint;
  readonly prefix: number;
}

/** An address and the prefix of the link that it is on, such as a gateway's `172.17.0.1/16`. */
export interface LinkAddress {
  readonly ip: Ip;
  readonly prefix: number;
}

/** Throws `invalid`, also when host bits are set: `172.17.0.1/16` is an address on a link, not a subnet. */
export function parseCidr(text: string): Cidr {
  const { ip, prefix } = parseLinkAddress(text);
  const cidr = subnetOf(ip, prefix);
  if (cidr.base !== ip.value) {
    throw new GantryError('invalid', `'${text}' is not a subnet: bits after the prefix are set`, { hint: `Write ${formatCidr(cidr)}.` });
  }
  return cidr;
}

export function parseLinkAddress(text: string): LinkAddress {
  const [, address, length] = /^([^/]{2,45})\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  if (address === undefined || length === undefined) {
    throw new GantryError('invalid', `'${text.slice(0, 64)}' is not an address with a prefix length`, { hint: 'Write one such as 172.20.0.0/16.' });
  }
  const ip = parseIp(address);
  const prefix = Number(length);
  if (prefix > bitsOf(ip.family)) throw new GantryError('invalid', `'${text}' has a prefix longer than the address's ${bitsOf(ip.family)} bits`);
  return { ip, prefix };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(firstAddress(cidr))}/${cidr.prefix}`;
}

export function formatLinkAddress(address: LinkAddress): string {
  return `${formatIp(address.ip)}/${address.prefix}`;
}

/** The subnet of that prefix length in which the address lies. */
export function subnetOf(ip: Ip, prefix: number): Cidr {
  const hostBits = BigInt(bitsOf(ip.family) - prefix);
  return { family: ip.family, base: (ip.value >> hostBits) << hostBits, prefix };
}

/** How many addresses it holds, network and broadcast addresses included. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(bitsOf(cidr.family) - cidr.prefix);
}

export function firstAddress(cidr: Cidr): Ip {
  return { family: cidr.family, value: cidr.base };
}

export function lastAddress(cidr: Cidr): Ip {
  return { family: cidr.family, value: cidr.base + sizeOf(cidr) - 1n };
}

/** The address at an offset from the first. Throws `invalid` outside of the subnet. */
export function nthAddress(cidr: Cidr, offset: bigint | number): Ip {
  const wide = BigInt(offset);
  if (wide < 0n || wide >= sizeOf(cidr)) throw new GantryError('invalid', `${formatCidr(cidr)} has no address number ${wide}`);
  return { family: cidr.family, value: cidr.base + wide };
}

/** The nth of the equal subnets that it divides into, for address pools. */
export function nthSubnet(cidr: Cidr, prefix: number, index: bigint | number): Cidr {
  const count = 1n << BigInt(prefix - cidr.prefix);
  if (BigInt(index) < 0n || BigInt(index) >= count) throw new GantryError('invalid', `${formatCidr(cidr)} has no /${prefix} number ${index}`);
  return { family: cidr.family, base: cidr.base + (BigInt(index) << BigInt(bitsOf(cidr.family) - prefix)), prefix };
}

export function contains(cidr: Cidr, ip: Ip): boolean {
  return ip.family === cidr.family && subnetOf(ip, cidr.prefix).base === cidr.base;
}

export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && contains(outer, firstAddress(inner));
}

/** Two subnets are either apart or one contains the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return containsCidr(a, b) || containsCidr(b, a);
}

export function compareCidr(a: Cidr, b: Cidr): number {
  return compareIp(firstAddress(a), firstAddress(b)) || a.prefix - b.prefix;
}
