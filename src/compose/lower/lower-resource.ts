import type { Hasher } from '#base/hasher.ts';
import { networkKind, volumeKind, type Network, type Volume } from '../model/resource-kinds.ts';
import { COMPOSE_VERSION, label } from '../value/labels.ts';
import type { Value } from '../value/value.ts';
import { writeJson } from '../yaml/write-json.ts';
import { asObject, given, nonEmpty } from './create-request.ts';

export function networkHash(network: Network, hasher: Hasher): string {
  return hashOf(networkKind.json(network) as Value, hasher);
}

export function volumeHash(volume: Volume, hasher: Hasher): string {
  return hashOf(volumeKind.json({ ...volume, driver: (volume.driver ?? '') === '' ? 'local' : volume.driver as string }) as Value, hasher);
}

function hashOf(json: Value, hasher: Hasher): string {
  return hasher.sha256(new TextEncoder().encode(writeJson(json)));
}

/** The body of POST /networks/create. */
export function lowerNetwork(project: string, key: string, network: Network, hasher: Hasher): object {
  const { driver, config = [] } = network.ipam ?? {};
  const pools = config.map(({ subnet, ip_range, gateway, aux_addresses }) => given({
    Subnet: nonEmpty(subnet), IPRange: nonEmpty(ip_range), Gateway: nonEmpty(gateway), AuxiliaryAddresses: aux_addresses === undefined ? undefined : asObject(aux_addresses),
  }));
  return {
    Name: network.name ?? key,
    Driver: network.driver ?? '',
    Labels: asObject([...(network.labels ?? []), [label.hash, networkHash(network, hasher)], [label.network, key], [label.project, project], [label.version, COMPOSE_VERSION]]),
    ...given({
      Internal: nonEmpty(network.internal), Attachable: nonEmpty(network.attachable), EnableIPv4: network.enable_ipv4, EnableIPv6: network.enable_ipv6,
      Options: network.driver_opts === undefined ? undefined : asObject(network.driver_opts),
      IPAM: driver === undefined && pools.length === 0 ? undefined : { Driver: driver ?? '', Config: pools },
    }),
  };
}

/** The body of POST /volumes/create. */
export function lowerVolume(project: string, key: string, volume: Volume, hasher: Hasher): object {
  return {
    Name: volume.name ?? key,
    Labels: asObject([...(volume.labels ?? []), [label.hash, volumeHash(volume, hasher)], [label.project, project], [label.version, COMPOSE_VERSION], [label.volume, key]]),
    ...given({ Driver: nonEmpty(volume.driver), DriverOpts: volume.driver_opts === undefined ? undefined : asObject(volume.driver_opts) }),
  };
}
