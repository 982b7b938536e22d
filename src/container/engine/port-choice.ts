import { GantryError, isKind } from '#base/error.ts';
import type { Host } from '#container/host/port.ts';
import { portSubject } from '#container/host/port-subject.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { policyOf, type Network } from '#container/model/network.ts';
import type { PortBinding, PublishedPort } from '#container/model/port-binding.ts';
import { portIsTaken, type NetworkClaims } from './network-claims.ts';
import { PortNumbers } from './port-numbers.ts';

interface PortRange {
  readonly from: number;
  /** Included. */
  readonly to: number;
}

const ANY_IPV4 = '0.0.0.0';
/** The kernel's default range for ports that nobody named. */
const EPHEMERAL: PortRange = { from: 32_768, to: 60_999 };

/**
 * What a start publishes. `network` has the way out: it may say where ports are bound whose request doesn't.
 * @param kept ports of the run before, held since: they are taken again
 */
export async function choosePorts(spec: ContainerSpec, network: Network | undefined, host: Host, claims: NetworkClaims, kept: readonly PublishedPort[] = []): Promise<readonly PublishedPort[]> {
  if (network === undefined) return [];
  const wanted = [...spec.sandbox.ports, ...(spec.sandbox.publishAll ? unboundPorts(spec) : [])];
  // What was asked for by number is not for those who take any.
  const chosen = new PortNumbers();
  for (const binding of wanted) {
    if (isChosen(binding)) continue;
    for (const port of portsAt(binding, hostAddresses(network, host), binding.hostPort)) {
      if (chosen.hasClash(port)) throw portIsTaken(spec, port);
      chosen.add(port);
    }
  }
  const before = new KeptPorts(kept);
  const isTaken = (port: PublishedPort): boolean => claims.isPortTaken(port) || chosen.hasClash(port);
  const ports: PublishedPort[] = [];
  for (const binding of wanted) {
    const everywhere = hostAddresses(network, host);
    const found = isChosen(binding) ? before.find(binding, everywhere, chosen) ?? await choosePort(spec, binding, everywhere, host, isTaken) : portsAt(binding, everywhere, binding.hostPort);
    if (isChosen(binding)) for (const port of found) chosen.add(port);
    ports.push(...found);
  }
  return ports;
}

/** Ports of the run before, by what they lead to. */
class KeptPorts {
  readonly #kept: Map<string, readonly PublishedPort[]>;

  constructor(kept: readonly PublishedPort[]) {
    this.#kept = Map.groupBy(kept, targetOf);
  }

  /** Those that the binding had; undefined where it would not have all of them again. */
  find(binding: PortBinding, everywhere: readonly string[], chosen: PortNumbers): PublishedPort[] | undefined {
    const { from, to } = rangeOf(binding);
    const kept = this.#kept.get(targetOf(binding)) ?? [];
    for (const { hostPort } of kept) {
      const ports = portsAt(binding, everywhere, hostPort);
      const isWhole = ports.every(({ hostAddress }) => kept.some((port) => port.hostPort === hostPort && port.hostAddress === hostAddress));
      if (hostPort >= from && hostPort <= to && isWhole && !ports.some((port) => chosen.hasClash(port))) return ports;
    }
    return undefined;
  }
}

function targetOf({ protocol, containerPort }: Pick<PortBinding, 'protocol' | 'containerPort'>): string {
  return `${protocol} ${containerPort}`;
}

function hostAddresses(network: Network, host: Host): readonly string[] {
  const { hostBinding } = policyOf(network);
  const { ipv4 = ANY_IPV4 } = hostBinding;
  // Who binds ports to one address of IPv4 does not mean all of IPv6, as in Docker.
  const ipv6 = hostBinding.ipv6 ?? (ipv4 === ANY_IPV4 ? '::' : undefined);
  return [ipv4, ...(host.facts.hasIpv6 && ipv6 !== undefined ? [ipv6] : [])];
}

function addressesOf({ hostAddress }: PortBinding, everywhere: readonly string[]): readonly string[] {
  return hostAddress === '' ? everywhere : [hostAddress];
}

/** One request is a port of each family where it names no address. */
function portsAt(binding: PortBinding, everywhere: readonly string[], hostPort: number): PublishedPort[] {
  return addressesOf(binding, everywhere).map((hostAddress) => ({ protocol: binding.protocol, containerPort: binding.containerPort, hostAddress, hostPort }));
}

async function choosePort(spec: ContainerSpec, binding: PortBinding, everywhere: readonly string[], host: Host, isTaken: (port: PublishedPort) => boolean): Promise<PublishedPort[]> {
  for (const { from: first, to } of searched(spec, binding)) {
    for (let from = first; from <= to;) {
      const port = await host.freePort(binding.protocol, addressesOf(binding, everywhere), from, to).catch((thrown: unknown) => {
        if (isKind(thrown, 'exhausted')) return undefined;
        throw thrown;
      });
      if (port === undefined) break;
      const ports = portsAt(binding, everywhere, port);
      if (!ports.some(isTaken)) return ports;
      from = port + 1;
    }
  }
  const { from, to } = rangeOf(binding);
  throw new GantryError('exhausted', `all ports from ${from} to ${to} are allocated`, { hint: 'publish a port of another range' });
}

function rangeOf({ hostPort, hostPortEnd }: PortBinding): PortRange {
  return hostPort === 0 ? EPHEMERAL : { from: hostPort, to: hostPortEnd ?? hostPort };
}

/**
 * A named range is searched from its first port on. Where any port will do, the search begins at one that the container's
 * id says: so one that is started again gets the port it had, unless another program took it meanwhile.
 */
function searched(spec: ContainerSpec, binding: PortBinding): readonly PortRange[] {
  const { from, to } = rangeOf(binding);
  if (binding.hostPort !== 0) return [{ from, to }];
  const first = from + (Number.parseInt(spec.id.slice(0, 8), 16) % (to - from + 1));
  return [{ from: first, to }, { from, to: first - 1 }];
}

function isChosen({ hostPort, hostPortEnd = hostPort }: PortBinding): boolean {
  return hostPort === 0 || hostPortEnd !== hostPort;
}

/** Whether a start failed for a port that was chosen for it, and that another program took in the moment between: another one may do. */
export function lostChosenPort(error: unknown, spec: ContainerSpec, published: readonly PublishedPort[]): boolean {
  if (!(error instanceof GantryError)) return false;
  const lost = published.find((port) => portSubject(port) === error.subject);
  if (lost === undefined) return false;
  const bindings = spec.sandbox.ports.filter(({ containerPort, protocol }) => containerPort === lost.containerPort && protocol === lost.protocol);
  return bindings.every((binding) => isChosen(binding));
}

/** Exposed ports that no binding names, for `-P`. */
function unboundPorts(spec: ContainerSpec): PortBinding[] {
  return spec.sandbox.exposed
    .filter((exposed) => !spec.sandbox.ports.some((bound) => bound.containerPort === exposed.port && bound.protocol === exposed.protocol))
    .map((exposed) => ({ protocol: exposed.protocol, containerPort: exposed.port, hostAddress: '', hostPort: 0 }));
}
