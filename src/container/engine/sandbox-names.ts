import type { Host, NameReply } from '#container/host/port.ts';
import type { Container } from '#container/model/container.ts';
import { isPredefined } from '#container/model/network.ts';
import { shortId } from '#container/model/ids.ts';
import type { Endpoint, SandboxSpec } from '#container/model/sandbox.ts';
import { encodeAnswer, encodeFailure, isUnreadable, parseQuery, RCODE, type Query, type Resource } from '#net/dns/message.ts';
import { isAlias, questionAfter } from '#net/dns/alias.ts';
import { NameTable, type Member } from '#net/dns/name-table.ts';
import { resolveLocally, type NameView } from '#net/dns/resolve.ts';
import { parseIp } from '#net/ip.ts';
import type { ContainerTable } from './container-table.ts';
import type { NetworkClaims } from './network-claims.ts';
import type { NameResolver, NamesPort } from './port.ts';

const LARGEST_TCP_BYTES = 65_535;

/** Names that a container is called by in a network of its own making. */
export function namesIn(container: Container, network: string): readonly string[] {
  const { spec } = container;
  const asked = spec.sandbox.endpoints.find((request) => request.network === network);
  return [...new Set([spec.name, ...(asked?.aliases ?? []), shortId(spec.id), spec.sandbox.hostname])];
}

/** Whether a sandbox that stands there asks us for names. The default network has none, as in Docker. */
export function servesNames({ dns }: Pick<SandboxSpec, 'dns'>, endpoints: readonly Pick<Endpoint, 'network'>[]): boolean {
  return dns.served === true || endpoints.some(({ network }) => !isPredefined({ name: network }));
}

/** What containers are told when they ask for names. */
export class SandboxNames implements NamesPort {
  readonly #table: ContainerTable;
  readonly #claims: NetworkClaims;
  readonly #tables = new Map<string, NameTable>();
  readonly #host: Pick<Host, 'serveNamesAt'>;
  #version = '';
  #turn = 0;
  #resolver: NameResolver | undefined;

  constructor(table: ContainerTable, claims: NetworkClaims, host: Pick<Host, 'serveNamesAt'>) {
    this.#table = table;
    this.#claims = claims;
    this.#host = host;
  }

  answerWith(resolver: NameResolver | undefined): void {
    this.#resolver = resolver;
  }

  listen(address: string, clients: string): Promise<{ readonly port: number; close(): void }> {
    return this.#host.serveNamesAt(address, clients);
  }

  reply(sandbox: string, message: Uint8Array, transport: 'udp' | 'tcp'): NameReply {
    const query = parseQuery(message);
    if (isUnreadable(query)) return query.id === undefined ? { kind: 'silence' } : { kind: 'answer', message: encodeFailure(query.id, query.rcode) };
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
    const container = this.#table.get(sandbox);
    if (sandbox === '' || container?.spec.sandbox.dns.served === true) return this.#replyAsTold(query, transport);
    if (container === undefined) return { kind: 'answer', message: encodeFailure(query.id, RCODE.refused, query.question) };
    const answer = resolveLocally(query, this.#viewOf(container), this.#turn);
    if (answer !== undefined) return { kind: 'answer', message: encodeAnswer(query, answer, transport === 'tcp' ? LARGEST_TCP_BYTES : query.udpBytes) };
    const { servers } = container.spec.sandbox.dns;
    // Servers that were named are asked from inside, where the container could ask them itself.
    if (servers.length > 0) return { kind: 'forward', query, servers, from: 'sandbox' };
    const leadsOut = container.state.endpoints.some(({ ipv4, ipv6 }) => ipv4?.gateway !== undefined || ipv6?.gateway !== undefined);
    // Else names would be a way out of an internal network.
    return leadsOut ? { kind: 'forward', query, servers: [], from: 'host' } : { kind: 'answer', message: encodeFailure(query.id, RCODE.serverFailure, query.question) };
  }

  #replyAsTold(query: Query, transport: 'udp' | 'tcp'): NameReply {
    // Whoever knows the names is not there yet: a name that is not found would be believed.
    if (this.#resolver === undefined) return { kind: 'answer', message: encodeFailure(query.id, RCODE.serverFailure, query.question) };
    const maxBytes = transport === 'tcp' ? LARGEST_TCP_BYTES : query.udpBytes;
    const found = this.#resolver(query, this.#turn);
    if (found === undefined) return { kind: 'forward', query, servers: [], from: 'host' };
    if (!isAlias(found)) return { kind: 'answer', message: encodeAnswer(query, found, maxBytes) };
    const { target } = found;
    const known = this.#resolver(questionAfter(target, query).query, this.#turn);
    if (known === undefined || isAlias(known)) return { kind: 'forward', query, servers: [], from: 'host', alias: { target, maxBytes } };
    const resources: Resource[] = [{ kind: 'alias', name: target }, ...known.resources.map((resource) => ({ owner: target, ...resource }))];
    return { kind: 'answer', message: encodeAnswer(query, { ...known, resources }, maxBytes) };
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
