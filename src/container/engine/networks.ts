import { GantryError } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { isLive } from '#container/model/container-state.ts';
import { newId, type NetworkId } from '#container/model/ids.ts';
import type { Network } from '#container/model/network.ts';
import type { PortBinding, PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import { AddressAllocator } from '#net/address-allocator.ts';
import { chooseSubnet, deriveSubnet6 } from '#net/address-pool.ts';
import { firstAddress, formatCidr, nthAddress, parseCidr, parseLinkAddress, subnetOf, type Cidr } from '#net/cidr.ts';
import { formatIp, parseIp } from '#net/ip.ts';
import { macOfIpv4 } from '#net/mac-address.ts';
import { bridgeSysctls, firewallCommands } from './firewall.ts';
import { NetworkClaims, type Claim } from './network-claims.ts';
import type { NetworksPort } from './port.ts';
import type { EnginePorts } from './ports.ts';

const PREFIX = 'network/';
const MTU = 1500;
/** The kernel's default range for ports that nobody named. */
const EPHEMERAL = { from: 32_768, to: 60_999 } as const;

/** The host's networks: the three that are always there. */
export class Networks implements NetworksPort {
  readonly claims = new NetworkClaims();
  readonly #ports: EnginePorts;
  readonly #rows = new Map<string, Network>();

  constructor(ports: EnginePorts) {
    this.#ports = ports;
  }

  list(): readonly Network[] {
    return [...this.#rows.values()];
  }

  find(reference: string): Network {
    const name = reference === 'default' ? 'bridge' : reference;
    const found = this.#rows.get(name) ?? this.list().find((network) => network.id === name || (name.length >= 4 && network.id.startsWith(name)));
    if (found === undefined) throw new GantryError('not-found', `network ${reference} not found`);
    return found;
  }

  placeOf(spec: ContainerSpec): Network | undefined {
    const { network } = spec.sandbox;
    if (network.kind !== 'network') return undefined;
    try {
      return this.find(network.name);
    } catch (cause) {
      throw new GantryError('not-found', `failed to set up container networking: network ${network.name} not found`, { hint: 'see which there are: docker network ls', cause });
    }
  }

  async open(containers: readonly Container[]): Promise<void> {
    for (const { value } of (await this.#ports.store.list(PREFIX)).entries) {
      const network = JSON.parse(value) as Network;
      this.#rows.set(network.name, network);
    }
    if (!this.#rows.has('bridge')) await this.#add({ ...this.#blank('bridge', 'bridge'), ...(await this.#chooseSubnets()), bridge: this.#ports.layout.bridge });
    if (!this.#rows.has('host')) await this.#add(this.#blank('host', 'host'));
    if (!this.#rows.has('none')) await this.#add(this.#blank('none', 'null'));
    this.claims.load(containers);
    for (const network of this.#rows.values()) await this.#raise(network);
  }

  /** The whole firewall table, as the containers that run need it; and their ports, bound again. */
  async restore(containers: readonly Container[]): Promise<void> {
    await this.#ports.host.applyFirewall(firewallCommands(this.#ports.layout.table, this.list(), containers));
    for (const { spec, state } of containers) {
      if (!isLive(state.phase) || state.endpoint === undefined || state.published.length === 0) continue;
      await this.#ports.host.publish({ kind: 'publish', sandbox: spec.id, endpoint: state.endpoint, ports: state.published, cause: 'recovery' })
        .catch((thrown: unknown) => this.#ports.log(`ports of ${spec.name}: ${String(thrown)}`));
    }
  }

  /** Address and ports for a start, taken in one turn of the loop. */
  async claim(spec: ContainerSpec): Promise<Claim> {
    const network = this.placeOf(spec);
    if (network === undefined) return { endpoint: undefined, published: [] };
    const wanted = [...spec.sandbox.ports, ...(spec.sandbox.publishAll ? unboundPorts(spec) : [])];
    const published = (await Promise.all(wanted.map((binding) => this.#choosePorts(binding)))).flat();
    const claim = { endpoint: this.#choosePlace(spec, network), published };
    this.claims.take(spec.id, spec.name, claim);
    return claim;
  }

  #choosePlace(spec: ContainerSpec, network: Network): Endpoint {
    if (network.ipv4 === undefined) throw new GantryError('internal', `network ${network.name} has no addresses`);
    const subnet = parseCidr(network.ipv4.cidr);
    const used = this.claims.addressesOf(network).map((endpoint) => parseIp(endpoint.ipv4));
    const { ip } = AddressAllocator.of({ subnet, gateway: parseIp(network.ipv4.gateway), used, order: 'lowest' }).next();
    const offset = ip.value - firstAddress(subnet).value;
    const suffix = this.#ports.random.bytes(2).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
    return {
      network: network.name, interfaceName: 'eth0',
      // A name of its own for every start: the kernel may still be taking the last one's link away.
      hostLink: `gv${spec.id.slice(0, 8)}${suffix}`,
      macAddress: spec.sandbox.macAddress ?? macOfIpv4(ip), ipv4: formatIp(ip), ipv4PrefixLength: subnet.prefix, ipv4Gateway: network.ipv4.gateway,
      ...(network.ipv6 === undefined ? {} : {
        ipv6: formatIp(nthAddress(parseCidr(network.ipv6.cidr), offset)), ipv6PrefixLength: parseCidr(network.ipv6.cidr).prefix, ipv6Gateway: network.ipv6.gateway,
      }),
    };
  }

  /** One request is a port of each family where it names no address. */
  async #choosePorts(binding: PortBinding): Promise<PublishedPort[]> {
    const addresses = binding.hostAddress !== '' ? [binding.hostAddress] : this.#ports.host.facts.hasIpv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
    const at = (hostPort: number): PublishedPort[] =>
      addresses.map((hostAddress) => ({ protocol: binding.protocol, containerPort: binding.containerPort, hostAddress, hostPort }));
    if (binding.hostPort !== 0 && (binding.hostPortEnd ?? binding.hostPort) === binding.hostPort) return at(binding.hostPort);
    const range = binding.hostPort === 0 ? EPHEMERAL : { from: binding.hostPort, to: binding.hostPortEnd ?? binding.hostPort };
    for (let from: number = range.from; from <= range.to;) {
      const port = await this.#ports.host.freePort(binding.protocol, addresses[0] ?? '0.0.0.0', from, range.to);
      if (!at(port).some((candidate) => this.claims.isPortTaken(candidate))) return at(port);
      from = port + 1;
    }
    throw new GantryError('exhausted', `all ports from ${range.from} to ${range.to} are allocated`, { hint: 'publish a port of another range' });
  }

  async #chooseSubnets(): Promise<Pick<Network, 'ipv4' | 'ipv6'>> {
    const taken = (await this.#ports.host.usedSubnets()).map(cidrOf);
    const ipv4 = chooseSubnet(taken);
    const gateway = (cidr: Cidr): string => formatIp(nthAddress(cidr, 1));
    if (!this.#ports.host.facts.hasIpv6) return { ipv4: { cidr: formatCidr(ipv4), gateway: gateway(ipv4) } };
    const ipv6 = deriveSubnet6(`${this.#ports.host.facts.bootId} ${this.#ports.layout.root}`, this.#ports.hasher, taken);
    return { ipv4: { cidr: formatCidr(ipv4), gateway: gateway(ipv4) }, ipv6: { cidr: formatCidr(ipv6), gateway: gateway(ipv6) } };
  }

  async #raise(network: Network): Promise<void> {
    if (network.bridge === undefined) return;
    const addresses = [network.ipv4, network.ipv6].flatMap((subnet) => (subnet === undefined ? [] : [`${subnet.gateway}/${parseCidr(subnet.cidr).prefix}`]));
    await this.#ports.host.ensureBridge({ name: network.bridge, addresses, mtu: network.mtu, sysctls: bridgeSysctls(network) });
  }

  #blank(name: string, driver: Network['driver']): Network {
    return { id: newId<NetworkId>(this.#ports.random), name, driver, internal: false, mtu: MTU, createdNs: String(this.#ports.clock.nowNs()), labels: {}, options: {} };
  }

  async #add(network: Network): Promise<void> {
    await this.#ports.store.put(PREFIX + network.name, JSON.stringify(network));
    this.#rows.set(network.name, network);
  }
}

function cidrOf(text: string): Cidr {
  const { ip, prefix } = parseLinkAddress(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
  return subnetOf(ip, prefix);
}

/** Exposed ports that no binding names, for `-P`. */
function unboundPorts(spec: ContainerSpec): PortBinding[] {
  return spec.sandbox.exposed
    .filter((exposed) => !spec.sandbox.ports.some((bound) => bound.containerPort === exposed.port && bound.protocol === exposed.protocol))
    .map((exposed) => ({ protocol: exposed.protocol, containerPort: exposed.port, hostAddress: '', hostPort: 0 }));
}
