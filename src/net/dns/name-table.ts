import { formatIp, type Ip } from '../ip.ts';

/** One who stands in a network, by each of its names. */
export interface Member {
  /** The one that a reverse lookup tells. */
  readonly name: string;
  /** Further ones: aliases, a short id. Several members may share one. */
  readonly aliases: readonly string[];
  readonly addresses: readonly Ip[];
}

/** Names and addresses of one network. Names are compared without case (RFC 4343). */
export class NameTable {
  readonly network: string;
  readonly #byName = new Map<string, readonly Ip[]>();
  readonly #byAddress = new Map<string, string>();

  constructor(network: string, members: Iterable<Member>) {
    this.network = network.toLowerCase();
    for (const member of members) {
      for (const name of new Set([member.name, ...member.aliases].map((text) => text.toLowerCase()))) {
        this.#byName.set(name, [...(this.#byName.get(name) ?? []), ...member.addresses]);
      }
      for (const ip of member.addresses) this.#byAddress.set(formatIp(ip), member.name);
    }
  }

  /** `web` or `web.back`; undefined where nobody has the name. */
  find(name: string): readonly Ip[] | undefined {
    const own = this.#byName.get(name);
    if (own !== undefined) return own;
    return name.endsWith(`.${this.network}`) ? this.#byName.get(name.slice(0, -this.network.length - 1)) : undefined;
  }

  /** `web.back` */
  nameOf(ip: Ip): string | undefined {
    const name = this.#byAddress.get(formatIp(ip));
    return name === undefined ? undefined : `${name}.${this.network}`;
  }
}
