import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { compareCidr, formatCidr, nthSubnet, overlaps, parseCidr, sizeOf, type Cidr } from './cidr.ts';

/** A range that is cut into subnets of one size. */
export interface AddressPool {
  readonly range: Cidr;
  /** The prefix length of the subnets cut from it. */
  readonly prefix: number;
}

const pool = (range: string, prefix: number): AddressPool => ({ range: parseCidr(range), prefix });

/**
 * Docker's default pools in their order (moby, libnetwork/ipamutils): first 15 subnets of 65,536
 * addresses, then 16 of 4,096. After them, where Docker gives up, 256 of 10.0.0.0/8, the upper half
 * first because offices and clouds number theirs from the bottom.
 */
export const DEFAULT_POOLS: readonly AddressPool[] = [
  pool('172.17.0.0/16', 16),
  pool('172.18.0.0/16', 16),
  pool('172.19.0.0/16', 16),
  pool('172.20.0.0/14', 16),
  pool('172.24.0.0/14', 16),
  pool('172.28.0.0/14', 16),
  pool('192.168.0.0/16', 20),
  pool('10.128.0.0/9', 16),
  pool('10.0.0.0/9', 16),
];

/**
 * The first subnet of the pools that touches neither the host's routes nor the other networks.
 * Throws `exhausted` when none is left.
 */
export function chooseSubnet(taken: readonly Cidr[], pools: readonly AddressPool[] = DEFAULT_POOLS): Cidr {
  const obstacles = taken.filter((route) => !isDefaultRoute(route)).sort(compareCidr);
  for (const { range, prefix } of pools) {
    const count = 1n << BigInt(prefix - range.prefix);
    for (let index = 0n; index < count; index++) {
      const candidate = nthSubnet(range, prefix, index);
      const obstacle = obstacles.find((route) => overlaps(route, candidate));
      if (obstacle === undefined) return candidate;
      // A large pool of small subnets behind one large route would else be walked one by one.
      const clear = (obstacle.base + sizeOf(obstacle) - range.base) / sizeOf(candidate) - 1n;
      if (clear > index) index = clear;
    }
  }
  throw new GantryError('exhausted', `none of the ${pools.length} address pools has a subnet that is free of the host's ${obstacles.length} routes and networks`, {
    hint: 'Name a subnet for the network, remove unused networks, or configure more address pools.',
  });
}

/**
 * A /64 of fd00::/8 (RFC 4193) that depends on the seed alone, so that a network has the same one when it
 * is made again. The seed holds the machine's id and the network's name. Throws `exhausted` only if
 * 256 of them in a row are taken.
 */
export function deriveSubnet6(seed: string, hasher: Hasher, taken: readonly Cidr[]): Cidr {
  const obstacles = taken.filter((route) => !isDefaultRoute(route));
  for (let attempt = 0; attempt < 256; attempt++) {
    const digest = hasher.sha256(new TextEncoder().encode(`ula ${attempt}\n${seed}`));
    const candidate: Cidr = { family: 6, base: BigInt(`0xfd${digest.slice(0, 14)}`) << 64n, prefix: 64 };
    if (!obstacles.some((route) => overlaps(route, candidate))) return candidate;
  }
  throw new GantryError('exhausted', `no unique local IPv6 subnet is free for '${seed}'`, { hint: 'Name an IPv6 subnet for the network.' });
}

/** Throws `conflict` when a subnet that a user named overlaps a network that exists. */
export function refuseOverlap(wanted: Cidr, networks: ReadonlyMap<string, readonly Cidr[]>): void {
  for (const [name, subnets] of networks) {
    const other = subnets.find((subnet) => overlaps(subnet, wanted));
    if (other !== undefined) {
      throw new GantryError('conflict', `the subnet ${formatCidr(wanted)} overlaps ${formatCidr(other)} of network ${name}`, {
        subject: `network ${name}`,
        hint: 'Choose another subnet, or leave the choice to the engine.',
      });
    }
  }
}

/**
 * Routes to everything say nothing about where a subnet is in use. A VPN that takes all traffic
 * often writes them as two halves, 0.0.0.0/1 and 128.0.0.0/1.
 */
function isDefaultRoute(route: Cidr): boolean {
  return route.prefix <= 1;
}

/** `base=10.10.0.0/16,size=24`, as `--default-address-pool` has it. @throws GantryError invalid */
export function parsePool(text: string): AddressPool {
  const parts = new Map(text.split(',').map((part): [string, string] => {
    const [key = '', value = ''] = part.split('=');
    return [key.trim(), value.trim()];
  }));
  const range = parseCidr(parts.get('base') ?? '');
  const prefix = Number(parts.get('size'));
  if (!Number.isInteger(prefix) || prefix < range.prefix || prefix > 32) {
    throw new GantryError('invalid', `invalid default address pool: ${text}`, { hint: 'give base=ADDRESS/LENGTH,size=LENGTH, the second no shorter than the first' });
  }
  return { range, prefix };
}
