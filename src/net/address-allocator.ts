import { GantryError } from '#base/error.ts';
import { contains, containsCidr, firstAddress, formatCidr, lastAddress, nthAddress, type Cidr } from './cidr.ts';
import { formatIp, type Ip } from './ip.ts';
import type { TakenAddresses } from './taken-addresses.ts';
import { countNumbers, firstGap, hasNumber, withNumber, withoutNumber, type NumberRanges } from './_number-ranges.ts';

/**
 * `after-last` goes round the subnet, so an address rests before it is given again and neighbours'
 * caches and old flows find nobody. `lowest` gives the lowest free one, as Docker 28 does.
 */
export type AddressOrder = 'after-last' | 'lowest';

export interface AllocatorOptions {
  readonly subnet: Cidr;
  /** The first address of the subnet when absent. `null` for a network without one. */
  readonly gateway?: Ip | null;
  /** Automatic choice is held to this part of the subnet (`--ip-range`); requests are not. */
  readonly range?: Cidr;
  /** What is given already: after a restart, the addresses of the endpoints that exist. */
  readonly used?: Iterable<Ip>;
  /** Given, too; some of them may be of other subnets. They say nothing of which was given last. */
  readonly taken?: TakenAddresses;
  /** The last address that was given automatically. When absent, the highest used one. */
  readonly last?: Ip;
  readonly order?: AddressOrder;
}

interface State {
  readonly subnet: Cidr;
  readonly gateway: Ip | undefined;
  readonly order: AddressOrder;
  /** Bounds of automatic choice. */
  readonly lowest: bigint;
  readonly highest: bigint;
  readonly used: NumberRanges;
  readonly last: bigint;
}

/** The addresses of one subnet. Immutable: giving one answers with the allocator after it. */
export class AddressAllocator {
  readonly #state: State;

  private constructor(state: State) {
    this.#state = state;
  }

  /** Throws `invalid` for a gateway, range or used address outside of the subnet. */
  static of(options: AllocatorOptions): AddressAllocator {
    const { subnet, range = subnet } = options;
    if (!containsCidr(subnet, range)) throw new GantryError('invalid', `the range ${formatCidr(range)} is not inside of the subnet ${formatCidr(subnet)}`);
    const { lowest, highest } = usable(subnet);
    const gateway = options.gateway === null ? undefined : (options.gateway ?? { family: subnet.family, value: lowest });
    const start = max(lowest, firstAddress(range).value);
    const used = gateway === undefined ? [] : [gateway.value];
    if (gateway !== undefined) checkGiven(subnet, lowest, highest, gateway);
    let last = options.last?.value ?? start - 1n;
    for (const ip of options.used ?? []) {
      checkGiven(subnet, lowest, highest, ip);
      used.push(ip.value);
      if (options.last === undefined) last = max(last, ip.value);
    }
    return new AddressAllocator({
      subnet, gateway, order: options.order ?? 'after-last',
      lowest: start, highest: min(highest, lastAddress(range).value), used: used.reduce(withNumber, options.taken?.numbers ?? []), last,
    });
  }

  get subnet(): Cidr {
    return this.#state.subnet;
  }

  get gateway(): Ip | undefined {
    return this.#state.gateway;
  }

  /** Throws `exhausted` when the range is full. */
  next(): { readonly ip: Ip; readonly allocator: AddressAllocator } {
    const { used, lowest, highest, last, order, subnet } = this.#state;
    const start = order === 'lowest' ? lowest : max(lowest, last + 1n);
    const value = firstGap(used, start, highest) ?? firstGap(used, lowest, highest);
    if (value === undefined) {
      throw new GantryError('exhausted', `no address is free in ${formatCidr(subnet)}: ${countNumbers(used)} are in use`, {
        hint: 'Remove unused containers, or use a network with a larger subnet.',
      });
    }
    const ip = { family: subnet.family, value };
    return { ip, allocator: this.#with({ used: withNumber(used, value), last: value }) };
  }

  /** Takes the address that someone asks for; automatic choice goes on where it was. Throws `conflict` if it is given, `invalid` if it can't be. */
  claim(ip: Ip): AddressAllocator {
    const { subnet, used } = this.#state;
    const { lowest, highest } = usable(subnet);
    checkGiven(subnet, lowest, highest, ip);
    if (hasNumber(used, ip.value)) throw new GantryError('conflict', `the address ${formatIp(ip)} is already in use`, { hint: 'Choose another address, or leave the choice to the engine.' });
    return this.#with({ used: withNumber(used, ip.value) });
  }

  /** Gives an address back. One that is not in use, and the gateway, stay as they are. */
  release(ip: Ip): AddressAllocator {
    const { subnet, gateway, used } = this.#state;
    if (!contains(subnet, ip) || ip.value === gateway?.value) return this;
    return this.#with({ used: withoutNumber(used, ip.value) });
  }

  isUsed(ip: Ip): boolean {
    return contains(this.#state.subnet, ip) && hasNumber(this.#state.used, ip.value);
  }

  /** How many are given, the gateway included. */
  usedCount(): bigint {
    return countNumbers(this.#state.used);
  }

  #with(change: Partial<State>): AddressAllocator {
    return new AddressAllocator({ ...this.#state, ...change });
  }
}

/** @throws GantryError invalid for an address that nobody in the subnet can have */
function checkGiven(subnet: Cidr, lowest: bigint, highest: bigint, ip: Ip): void {
  if (ip.family === subnet.family && ip.value >= lowest && ip.value <= highest) return;
  const why = contains(subnet, ip) ? 'reserved' : 'not';
  throw new GantryError('invalid', `the address ${formatIp(ip)} is ${why} in the subnet ${formatCidr(subnet)}`);
}

/**
 * IPv4 keeps its first and last address for network and broadcast, except in /31 (RFC 3021) and /32;
 * IPv6 keeps its first for the routers' anycast (RFC 4291 section 2.6.1), except in /127 and /128.
 */
function usable(subnet: Cidr): { lowest: bigint; highest: bigint } {
  const lowest = firstAddress(subnet).value;
  const highest = lastAddress(subnet).value;
  if (highest - lowest <= 1n) return { lowest, highest };
  return { lowest: nthAddress(subnet, 1).value, highest: subnet.family === 4 ? highest - 1n : highest };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
