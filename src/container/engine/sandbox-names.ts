import type { NameReply } from '#container/host/port.ts';
import type { Container } from '#container/model/container.ts';
import { isPredefined } from '#container/model/network.ts';
import { shortId } from '#container/model/ids.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { encodeAnswer, encodeFailure, isUnreadable, parseQuery, RCODE } from '#net/dns/message.ts';
import { NameTable, type Member } from '#net/dns/name-table.ts';
import { resolveLocally, type NameView } from '#net/dns/resolve.ts';
import { parseIp } from '#net/ip.ts';
import type { ContainerTable } from './container-table.ts';
import type { NetworkClaims } from './network-claims.ts';

const LARGEST_TCP_BYTES = 65_535;

/** Names that a container is called by in a network of its own making. */
export function namesIn(container: Container, network: string): readonly string[] {
  const { spec } = container;
  const asked = spec.sandbox.endpoints.find((request) => request.network === network);
  return [...new Set([spec.name, ...(asked?.aliases ?? []), shortId(spec.id), spec.sandbox.hostname])];
}

/** Whether a sandbox that stands there asks us for names. The default network has none, as in Docker. */
export function servesNames(endpoints: readonly Pick<Endpoint, 'network'>[]): boolean {
  return endpoints.some(({ network }) => !isPredefined({ name: network }));
}

/** What containers are told when they ask for names. */
export class SandboxNames {
  readonly #table: ContainerTable;
  readonly #claims: NetworkClaims;
  readonly #tables = new Map<string, NameTable>();
  #version = '';
  #turn = 0;

  constructor(table: ContainerTable, claims: NetworkClaims) {
    this.#table = table;
    this.#claims = claims;
  }

  reply(sandbox: string, message: Uint8Array, transport: 'udp' | 'tcp'): NameReply {
    const query = parseQuery(message);
    if (isUnreadable(query)) return query.id === undefined ? { kind: 'silence' } : { kind: 'answer', message: encodeFailure(query.id, query.rcode) };
    const container = this.#table.get(sandbox);
    if (container === undefined) return { kind: 'answer', message: encodeFailure(query.id, RCODE.refused, query.question) };
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
    const answer = resolveLocally(query, this.#viewOf(container), this.#turn);
    if (answer !== undefined) return { kind: 'answer', message: encodeAnswer(query, answer, transport === 'tcp' ? LARGEST_TCP_BYTES : query.udpBytes) };
    const { servers } = container.spec.sandbox.dns;
    // Servers that were named are asked from inside, where the container could ask them itself.
    if (servers.length > 0) return { kind: 'forward', query, servers, from: 'sandbox' };
    const leadsOut = container.state.endpoints.some(({ ipv4, ipv6 }) => ipv4?.gateway !== undefined || ipv6?.gateway !== undefined);
    // Else names would be a way out of an internal network.
    return leadsOut ? { kind: 'forward', query, servers: [], from: 'host' } : { kind: 'answer', message: encodeFailure(query.id, RCODE.serverFailure, query.question) };
  }

  #viewOf(container: Container): NameView {
    const version = `${this.#table.version} ${this.#claims.version}`;
    if (version !== this.#version) {
      this.#tables.clear();
      this.#version = version;
    }
    const networks = container.state.endpoints.map(({ network }) => network).filter((name) => !isPredefined({ name }));
    const links = container.spec.sandbox.endpoints.flatMap((request) => request.links.map(({ alias, container: target }) => [alias.toLowerCase(), target] as const));
    return { tables: networks.map((network) => this.#tableOf(network)), links: new Map(links) };
  }

  #tableOf(network: string): NameTable {
    const known = this.#tables.get(network);
    if (known !== undefined) return known;
    const members = this.#claims.endpointsOf({ name: network }).flatMap(({ container, endpoint }) => this.#memberOf(container, endpoint));
    const table = new NameTable(network, members);
    this.#tables.set(network, table);
    return table;
  }

  #memberOf(id: string, endpoint: Endpoint): Member[] {
    const container = this.#table.get(id);
    if (container === undefined) return [];
    const [name = '', ...aliases] = namesIn(container, endpoint.network);
    const addresses = [endpoint.ipv4, endpoint.ipv6].flatMap((place) => (place === undefined ? [] : [parseIp(place.address)]));
    return [{ name, aliases, addresses }];
  }
}
