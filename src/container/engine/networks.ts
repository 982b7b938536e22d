import { GantryError } from '#base/error.ts';
import type { BridgePlan } from '#container/host/port.ts';
import type { SandboxLink, SandboxNetwork } from '#container/host/step.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { isLive } from '#container/model/container-state.ts';
import { gatewayOf } from '#container/model/gateway.ts';
import { newId, shortId, type NetworkId } from '#container/model/ids.ts';
import { isPredefined, policyOf, type Network } from '#container/model/network.ts';
import { plainEndpoint } from '#container/model/container-row.ts';
import type { Endpoint, EndpointRequest } from '#container/model/sandbox.ts';
import { parseCidr } from '#net/cidr.ts';
import { parseIp } from '#net/ip.ts';
import { macOfIpv4, macOfSeed } from '#net/mac-address.ts';
import { chooseEndpoint } from './endpoint-choice.ts';
import type { EventLog } from './event-log.ts';
import { bridgeSysctls, firewallCommands, joinCommands, leaveCommands } from './firewall.ts';
import { KeyedLock } from './keyed-lock.ts';
import { fits, type NetworkDefaults } from './network-defaults.ts';
import { NetworkClaims, type Claim } from './network-claims.ts';
import { planSubnets } from './network-plan.ts';
import { choosePorts, lostChosenPort } from './port-choice.ts';
import type { NetworkRequest, NetworksPort } from './port.ts';
import type { EnginePorts } from './ports.ts';

const PREFIX = 'network/';
const MTU = 1500;
/** Networks are made and removed one at a time: each looks at the others' subnets. */
const CHANGES = 'changes';
/**
 * Safe in a network namespace of one's own: ping without CAP_NET_RAW, low ports without CAP_NET_BIND_SERVICE. The runtime could make
 * them, too, but takes longer for it the more namespaces there are.
 */
const SAFE_SETTINGS = [{ path: 'ipv4/ping_group_range', value: '0 2147483647' }, { path: 'ipv4/ip_unprivileged_port_start', value: '0' }];

/** The host's networks: the three that are always there, and those that were asked for. */
export class Networks implements NetworksPort {
  readonly claims = new NetworkClaims();
  readonly #ports: EnginePorts;
  readonly #events: EventLog;
  readonly #nameOf: (container: string) => string;
  readonly #rows = new Map<string, Network>();
  readonly #lock = new KeyedLock();
  /** Names of networks whose bridge this engine made: at its start, because it was gone. */
  readonly #made = new Set<string>();
  /** Names of networks whose removal is under way: nobody gets a place in them any more. */
  readonly #leaving = new Set<string>();
  #defaults: NetworkDefaults = {};

  /** @param nameOf a container's name by its id, for the words of a refusal */
  constructor(ports: EnginePorts, events: EventLog, nameOf: (container: string) => string) {
    this.#ports = ports;
    this.#events = events;
    this.#nameOf = nameOf;
  }

  list(): readonly Network[] {
    return [...this.#rows.values()];
  }

  get(name: string): Network | undefined {
    return this.#rows.get(name);
  }

  find(reference: string): Network {
    const name = reference === 'default' ? 'bridge' : reference;
    const exact = this.list().find((network) => network.id === name) ?? this.#rows.get(name);
    if (exact !== undefined) return exact;
    const matches = /^[0-9a-f]+$/.test(name) ? this.list().filter((network) => network.id.startsWith(name)) : [];
    if (matches.length > 1) throw new GantryError('invalid', `network ${reference} is ambiguous (${matches.length} matches found on ID prefix)`);
    const [only] = matches;
    if (only === undefined) throw new GantryError('not-found', `network ${reference} not found`);
    return only;
  }

  wasMadeAgain(name: string): boolean {
    return this.#made.has(name);
  }

  /** @param defaults what the operator wants of the default bridge; it is changed only while nobody stands in it */
  async open(containers: readonly Container[], defaults: NetworkDefaults = {}): Promise<void> {
    this.#defaults = defaults;
    for (const { value } of (await this.#ports.store.list(PREFIX)).entries) {
      const network = JSON.parse(value) as Network;
      this.#rows.set(network.name, network);
    }
    await this.#provideBridge(containers);
    if (!this.#rows.has('host')) await this.#add(this.#blank('host', 'host'));
    if (!this.#rows.has('none')) await this.#add(this.#blank('none', 'null'));
    this.claims.load(containers);
    for (const network of this.#rows.values()) await this.#raise(network);
  }

  /** The whole firewall table, as the containers that run need it; and their ports, bound again. */
  async restore(containers: readonly Container[]): Promise<void> {
    await this.restoreFirewall(containers);
    for (const { spec, state } of containers) {
      if (!isLive(state.phase) || state.published.length === 0) continue;
      await this.#ports.host.publish({ kind: 'publish', sandbox: spec.id, ...(state.process === undefined ? {} : { process: state.process }), endpoints: state.endpoints, ports: state.published, cause: 'recovery' })
        .catch((thrown: unknown) => this.#ports.log(`ports of ${spec.name}: ${String(thrown)}`));
    }
  }

  /** In one transaction: no packet sees a table that is half there. */
  async restoreFirewall(containers: readonly Container[]): Promise<void> {
    await this.#ports.host.applyFirewall(firewallCommands(this.#ports.layout.table, this.list(), containers));
  }

  async create(request: NetworkRequest): Promise<Network> {
    return await this.#lock.run(CHANGES, async () => {
      if (this.#rows.has(request.name)) throw new GantryError('conflict', `network with name ${request.name} already exists`);
      if (request.isConfiguration === true) return await this.#announce(await this.#add({ ...this.#blank(request.name, 'null'), ...settingsOf(request) }));
      const { ipv4, ipv6, further, mtu, bridge, driver, ...rest } = request;
      // Addresses of a bridge of ours are set, and it goes with its network: somebody else's must be neither.
      if (bridge !== undefined && await this.#ports.host.exists(`/sys/class/net/${bridge}`) !== undefined) {
        throw new GantryError('conflict', `there is a link ${bridge} on this host already`, { subject: `network ${request.name}`, hint: 'give the bridge another name' });
      }
      this.#checkParent(request);
      const subnets = await this.#subnetsOf(request.name, { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }), ...(further === undefined ? {} : { further }) });
      const blank = this.#blank(request.name, driver);
      const network: Network = { ...blank, ...rest, ...subnets, mtu: mtu ?? MTU, ...(driver === 'bridge' ? { bridge: bridge ?? `br-${shortId(blank.id)}` } : {}) };
      // The row first: a bridge that nobody knows would stay for ever.
      await this.#add(network);
      try {
        await this.#raise(network);
        await this.#ports.host.applyFirewall(joinCommands(this.#ports.layout.table, network));
      } catch (thrown) {
        await this.#unmake(network).catch((failure: unknown) => this.#ports.log(`create of network ${network.name}: left behind: ${String(failure)}`));
        throw thrown;
      }
      return this.#announce(network);
    });
  }

  #announce(network: Network): Network {
    this.#events.emit('network', 'create', network.id, { name: network.name, type: network.driver });
    return network;
  }

  async remove(reference: string): Promise<void> {
    await this.#lock.run(CHANGES, async () => {
      const network = this.find(reference);
      if (isPredefined(network)) throw new GantryError('forbidden', `${network.name} is a pre-defined network and cannot be removed`);
      if (this.list().some(({ configuredBy }) => configuredBy === network.name)) throw new GantryError('forbidden', `error while removing network: configuration network ${JSON.stringify(network.name)} is in use`, { hint: 'remove the networks first that were made from it' });
      const members = this.claims.endpointsOf(network);
      if (members.length > 0) {
        const names = members.map(({ container, endpoint }) => `name:"${this.#nameOf(container)}" id:"${shortId(endpoint.id)}"`).join(', ');
        throw new GantryError('forbidden', `error while removing network: network ${network.name} has active endpoints (${names})`, { hint: 'disconnect its containers first' });
      }
      this.#leaving.add(network.name);
      try {
        await this.#unmake(network);
      } finally {
        this.#leaving.delete(network.name);
      }
      this.#events.emit('network', 'destroy', network.id, { name: network.name, type: network.driver });
    });
  }

  /** Addresses and ports for a start, taken in one turn of the loop. */
  async claim(spec: ContainerSpec): Promise<Claim> {
    if (spec.sandbox.network.kind !== 'network') return { endpoints: [], published: [] };
    const places = spec.sandbox.ports.length > 0 || spec.sandbox.publishAll ? this.#choosePlaces(spec) : [];
    const wayOut = gatewayOf(places, 'ipv4') ?? gatewayOf(places, 'ipv6');
    const kept = this.claims.of(spec.id).published;
    for (;;) {
      const published = await choosePorts(spec, wayOut === undefined ? undefined : this.#publishing(wayOut.endpoint.network), this.#ports.host, this.claims, kept);
      const claim = { endpoints: this.#choosePlaces(spec), published };
      try {
        this.claims.take(spec.id, spec.name, claim);
        // It stands in other networks than before, from which nothing is published.
        if (published.length === 0 && kept.length > 0) await this.#ports.host.releasePort(spec.id);
        return claim;
      } catch (thrown) {
        // Another start chose the same one in between, and took it: each time round, one more is taken.
        if (!lostChosenPort(thrown, spec, published)) throw thrown;
      }
    }
  }

  /** One more place for a sandbox that runs, taken in this turn of the loop. */
  claimPlace(spec: ContainerSpec, request: EndpointRequest): Endpoint {
    const { endpoints } = this.claims.of(spec.id);
    const endpoint = this.#choosePlace(spec, request, endpoints);
    this.claims.move(spec.id, [...endpoints, endpoint]);
    return endpoint;
  }

  /** What the kernel needs to know of a sandbox's places. */
  arrangementOf(spec: ContainerSpec, endpoints: readonly Endpoint[]): SandboxNetwork {
    const gateways = [gatewayOf(endpoints, 'ipv4'), gatewayOf(endpoints, 'ipv6')].filter((way) => way !== undefined);
    return {
      settings: SAFE_SETTINGS,
      links: endpoints.map((endpoint) => this.#linkOf(spec, endpoint)),
      routes: gateways.map(({ gateway, endpoint }) => ({ gateway, interfaceName: endpoint.interfaceName })),
    };
  }

  /** Ports are published in networks with a bridge; in others the container has an address of the outside. */
  #publishing(name: string): Network | undefined {
    const network = this.#rows.get(name);
    return network?.bridge === undefined ? undefined : network;
  }

  #choosePlaces(spec: ContainerSpec): Endpoint[] {
    const { network, endpoints } = spec.sandbox;
    const requests = endpoints.length > 0 || network.kind !== 'network' ? endpoints : [plainEndpoint(network.name)];
    const places: Endpoint[] = [];
    for (const request of requests) places.push(this.#choosePlace(spec, request, places));
    return places;
  }

  #choosePlace(spec: ContainerSpec, request: EndpointRequest, present: readonly Endpoint[]): Endpoint {
    const network = this.#placeOf(request.network);
    const names = new Set(present.map(({ interfaceName }) => interfaceName));
    const { linkPrefix } = policyOf(network);
    let number = 0;
    while (names.has(`${linkPrefix}${number}`)) number += 1;
    return chooseEndpoint({ sandbox: spec.id, request, network, taken: this.claims.takenIn(network, spec.id), interfaceName: request.interfaceName ?? `${linkPrefix}${number}` }, this.#ports);
  }

  #placeOf(reference: string): Network {
    const missing = (cause?: unknown): GantryError => new GantryError('not-found', `failed to set up container networking: network ${reference} not found`, { hint: 'see which there are: docker network ls', cause });
    let network: Network;
    try {
      network = this.find(reference);
    } catch (cause) {
      throw missing(cause);
    }
    if (this.#leaving.has(network.name)) throw missing();
    if (network.isConfiguration === true) throw new GantryError('forbidden', 'failed to set up container networking: cannot create endpoint on configuration-only network', { subject: `network ${network.name}`, hint: `make a network from it: docker network create --config-from ${network.name} NAME` });
    return network;
  }

  #linkOf(spec: ContainerSpec, endpoint: Endpoint): SandboxLink {
    const network = this.#rows.get(endpoint.network);
    const request = spec.sandbox.endpoints.find((asked) => asked.network === endpoint.network);
    return { endpoint, below: belowOf(network), mtu: network?.mtu ?? MTU, sysctls: request?.sysctls ?? [], linkLocal: request?.linkLocal ?? [] };
  }

  /** The kernel has one mode for all ipvlan links on a link. */
  #checkParent({ ipvlan, name }: NetworkRequest): void {
    const other = ipvlan === undefined ? undefined : this.list().find((present) => present.ipvlan?.parent === ipvlan.parent);
    if (other === undefined) return;
    throw new GantryError('conflict', `network di-${shortId(other.id)} is already using parent interface ${ipvlan?.parent}`, { subject: `network ${name}`, hint: `network ${other.name} has it: give this one more subnets in its place, or use another link` });
  }

  async #subnetsOf(name: string, request: Pick<NetworkRequest, 'ipv4' | 'ipv6' | 'further'>): Promise<Pick<Network, 'ipv4' | 'ipv6' | 'further'>> {
    const { host, layout, hasher } = this.#ports;
    const { hasIpv6, bootId } = host.facts;
    const { ipv4, ipv6, further = [] } = request;
    const kept = further.filter(({ cidr = '' }) => hasIpv6 || !cidr.includes(':'));
    const seed = name === 'bridge' ? `${bootId} ${layout.root}` : `${bootId} ${layout.root} ${name}`;
    return planSubnets({ ...(ipv4 === undefined ? {} : { ipv4 }), ...(hasIpv6 && ipv6 !== undefined ? { ipv6 } : {}), further: kept }, {
      used: await host.usedSubnets(), networks: this.list(), seed, hasher, ...(this.#defaults.pools === undefined ? {} : { pools: this.#defaults.pools }),
    });
  }

  async #provideBridge(containers: readonly Container[]): Promise<void> {
    const present = this.#rows.get('bridge');
    const wanted = this.#defaults.bridge ?? {};
    if (present !== undefined && fits(present, wanted)) return;
    if (present !== undefined && containers.some(({ state }) => state.endpoints.some(({ network }) => network === 'bridge'))) {
      this.#ports.log('the default bridge stays as it is: containers that run stand in it');
      return;
    }
    // Its own address is not an obstacle to itself.
    this.#rows.delete('bridge');
    const subnets = await this.#subnetsOf('bridge', { ipv4: wanted.ipv4 ?? {}, ipv6: {} });
    const kept = present ?? this.#blank('bridge', 'bridge');
    await this.#add({ ...kept, ...subnets, bridge: this.#ports.layout.bridge, mtu: wanted.mtu ?? MTU, policy: { ...policyOf(kept), ...wanted.policy } });
  }

  async #raise(network: Network): Promise<void> {
    if (network.bridge === undefined) return;
    const { mode, withoutGateway4 } = policyOf(network);
    const of = (subnet: Network['ipv4'], isLeftOut: boolean): string[] =>
      subnet === undefined || isLeftOut || subnet.gateway === '' ? [] : [`${subnet.gateway}/${parseCidr(subnet.cidr).prefix}`];
    const plan: BridgePlan = {
      name: network.bridge, mtu: network.mtu, mac: network.ipv4 === undefined || network.ipv4.gateway === '' ? macOfSeed(network.id, this.#ports.hasher) : macOfIpv4(parseIp(network.ipv4.gateway)), sysctls: bridgeSysctls(network),
      addresses: [...of(network.ipv4, withoutGateway4 || mode.ipv4 === 'isolated'), ...of(network.ipv6, mode.ipv6 === 'isolated')],
    };
    if (await this.#ports.host.ensureBridge(plan)) this.#made.add(network.name);
  }

  async #unmake(network: Network): Promise<void> {
    await this.#ports.host.withdrawFirewall(leaveCommands(this.#ports.layout.table, network));
    if (network.bridge !== undefined) await this.#ports.host.removeBridge(network.bridge);
    await this.#ports.store.delete(PREFIX + network.name);
    this.#rows.delete(network.name);
  }

  #blank(name: string, driver: Network['driver']): Network {
    return { id: newId<NetworkId>(this.#ports.random), name, driver, internal: false, mtu: MTU, createdNs: String(this.#ports.clock.nowNs()), labels: {}, options: {} };
  }

  async #add(network: Network): Promise<Network> {
    await this.#ports.store.put(PREFIX + network.name, JSON.stringify(network));
    this.#rows.set(network.name, network);
    return network;
  }
}

/** What a configuration keeps of its request: no address is chosen for it. */
function settingsOf({ labels, options, front, isConfiguration }: NetworkRequest): Partial<Network> {
  return { labels, options, ...(front === undefined ? {} : { front }), ...(isConfiguration === undefined ? {} : { isConfiguration }) };
}

function belowOf(network: Network | undefined): SandboxLink['below'] {
  if (network?.macvlan !== undefined) return { kind: 'macvlan', name: network.macvlan.parent, mode: network.macvlan.mode };
  if (network?.ipvlan !== undefined) return { kind: 'ipvlan', name: network.ipvlan.parent, mode: network.ipvlan.mode, flag: network.ipvlan.flag };
  return { kind: 'bridge', name: network?.bridge ?? '', isIsolated: network !== undefined && !policyOf(network).betweenContainers };
}
