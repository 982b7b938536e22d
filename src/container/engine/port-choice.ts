import { GantryError } from '#base/error.ts';
import type { Host } from '#container/host/port.ts';
import { portSubject } from '#container/host/port-subject.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { policyOf, type Network } from '#container/model/network.ts';
import type { PortBinding, PublishedPort } from '#container/model/port-binding.ts';
import { clash, type NetworkClaims } from './network-claims.ts';

/** The kernel's default range for ports that nobody named. */
const EPHEMERAL = { from: 32_768, to: 60_999 } as const;

/** What a start publishes. `network` has the way out: it may say where ports are bound whose request doesn't. */
export async function choosePorts(spec: ContainerSpec, network: Network | undefined, host: Host, claims: NetworkClaims): Promise<readonly PublishedPort[]> {
  if (network === undefined) return [];
  const wanted = [...spec.sandbox.ports, ...(spec.sandbox.publishAll ? unboundPorts(spec) : [])];
  // What was asked for by number is not for those who take any.
  const chosen = wanted.filter((binding) => !isChosen(binding)).flatMap((binding) => portsAt(binding, hostAddresses(network, host), binding.hostPort));
  const isTaken = (port: PublishedPort): boolean => claims.isPortTaken(port) || chosen.some((other) => clash(other, port));
  const ports: PublishedPort[] = [];
  for (const binding of wanted) {
    const found = isChosen(binding) ? await choosePort(binding, hostAddresses(network, host), host, isTaken) : portsAt(binding, hostAddresses(network, host), binding.hostPort);
    if (isChosen(binding)) chosen.push(...found);
    ports.push(...found);
  }
  return ports;
}

function hostAddresses(network: Network, host: Host): readonly string[] {
  const { hostBinding } = policyOf(network);
  return [hostBinding.ipv4 ?? '0.0.0.0', ...(host.facts.hasIpv6 ? [hostBinding.ipv6 ?? '::'] : [])];
}

function addressesOf({ hostAddress }: PortBinding, everywhere: readonly string[]): readonly string[] {
  return hostAddress === '' ? everywhere : [hostAddress];
}

/** One request is a port of each family where it names no address. */
function portsAt(binding: PortBinding, everywhere: readonly string[], hostPort: number): PublishedPort[] {
  return addressesOf(binding, everywhere).map((hostAddress) => ({ protocol: binding.protocol, containerPort: binding.containerPort, hostAddress, hostPort }));
}

async function choosePort(binding: PortBinding, everywhere: readonly string[], host: Host, isTaken: (port: PublishedPort) => boolean): Promise<PublishedPort[]> {
  const range = binding.hostPort === 0 ? EPHEMERAL : { from: binding.hostPort, to: binding.hostPortEnd ?? binding.hostPort };
  for (let from: number = range.from; from <= range.to;) {
    const port = await host.freePort(binding.protocol, addressesOf(binding, everywhere), from, range.to);
    const ports = portsAt(binding, everywhere, port);
    if (!ports.some(isTaken)) return ports;
    from = port + 1;
  }
  throw new GantryError('exhausted', `all ports from ${range.from} to ${range.to} are allocated`, { hint: 'publish a port of another range' });
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
