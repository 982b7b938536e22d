import { GantryError } from '#base/error.ts';
import type { Host } from '#container/host/port.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { policyOf, type Network } from '#container/model/network.ts';
import type { PortBinding, PublishedPort } from '#container/model/port-binding.ts';
import type { NetworkClaims } from './network-claims.ts';

/** The kernel's default range for ports that nobody named. */
const EPHEMERAL = { from: 32_768, to: 60_999 } as const;

/** What a start publishes. `network` has the way out: it may say where ports are bound whose request doesn't. */
export async function choosePorts(spec: ContainerSpec, network: Network | undefined, host: Host, claims: NetworkClaims): Promise<readonly PublishedPort[]> {
  if (network === undefined) return [];
  const wanted = [...spec.sandbox.ports, ...(spec.sandbox.publishAll ? unboundPorts(spec) : [])];
  return (await Promise.all(wanted.map((binding) => choosePort(binding, hostAddresses(network, host), host, claims)))).flat();
}

function hostAddresses(network: Network, host: Host): readonly string[] {
  const { hostBinding } = policyOf(network);
  return [hostBinding.ipv4 ?? '0.0.0.0', ...(host.facts.hasIpv6 ? [hostBinding.ipv6 ?? '::'] : [])];
}

/** One request is a port of each family where it names no address. */
async function choosePort(binding: PortBinding, everywhere: readonly string[], host: Host, claims: NetworkClaims): Promise<PublishedPort[]> {
  const addresses = binding.hostAddress === '' ? everywhere : [binding.hostAddress];
  const at = (hostPort: number): PublishedPort[] =>
    addresses.map((hostAddress) => ({ protocol: binding.protocol, containerPort: binding.containerPort, hostAddress, hostPort }));
  if (binding.hostPort !== 0 && (binding.hostPortEnd ?? binding.hostPort) === binding.hostPort) return at(binding.hostPort);
  const range = binding.hostPort === 0 ? EPHEMERAL : { from: binding.hostPort, to: binding.hostPortEnd ?? binding.hostPort };
  for (let from: number = range.from; from <= range.to;) {
    const port = await host.freePort(binding.protocol, addresses[0] ?? '0.0.0.0', from, range.to);
    if (!at(port).some((candidate) => claims.isPortTaken(candidate))) return at(port);
    from = port + 1;
  }
  throw new GantryError('exhausted', `all ports from ${range.from} to ${range.to} are allocated`, { hint: 'publish a port of another range' });
}

/** Exposed ports that no binding names, for `-P`. */
function unboundPorts(spec: ContainerSpec): PortBinding[] {
  return spec.sandbox.exposed
    .filter((exposed) => !spec.sandbox.ports.some((bound) => bound.containerPort === exposed.port && bound.protocol === exposed.protocol))
    .map((exposed) => ({ protocol: exposed.protocol, containerPort: exposed.port, hostAddress: '', hostPort: 0 }));
}
