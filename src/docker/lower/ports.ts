import type { ExposedPort, PortBinding, Protocol } from '#container/model/port-binding.ts';
import type { Config } from '../wire/config.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { invalid } from './invalid.ts';
import { isAddress } from './ip-address.ts';

const LARGEST_PORT = 65_535;

interface PortRange {
  readonly first: number;
  readonly last: number;
}

function parseRange(text: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || first > last || last > LARGEST_PORT) throw invalid(`invalid port specification: "${text}"`);
  return { first, last };
}

function split(text: string): { readonly port: string; readonly protocol: Protocol } {
  const slash = text.indexOf('/');
  const protocol = slash < 0 ? 'tcp' : text.slice(slash + 1).toLowerCase() || 'tcp';
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') throw invalid(`invalid port specification: "${text}"`);
  return { port: slash < 0 ? text : text.slice(0, slash), protocol };
}

export function checkPortBindings(bindings: HostConfig['PortBindings']): void {
  for (const [key, list] of Object.entries(bindings ?? {})) {
    const port = key.split('/')[0] ?? '';
    if (!/^\d{1,5}$/.test(port) || Number(port) > LARGEST_PORT) throw invalid(`invalid port specification: "${port}"`);
    for (const { HostPort } of list ?? []) if (HostPort !== '') parseRange(HostPort.split('/')[0] ?? '');
  }
}

/** `80/tcp`, `80`, `8000-8010/udp`, once each. */
export function lowerExposed(config: Config): ExposedPort[] {
  return Object.keys(config.ExposedPorts ?? {}).flatMap((key) => {
    const { port, protocol } = split(key);
    const { first, last } = parseRange(port);
    return Array.from({ length: last - first + 1 }, (_, index) => ({ protocol, port: first + index }));
  });
}

/** One binding for each wanted address and port; a range of host ports asks for the first free one of it. */
export function lowerPortBindings(host: HostConfig): PortBinding[] {
  return Object.entries(host.PortBindings ?? {}).flatMap(([key, list]) => {
    const { port, protocol } = split(key);
    return (list ?? []).map(({ HostIp, HostPort }): PortBinding => {
      if (HostIp !== '' && !isAddress(HostIp)) throw invalid(`invalid IP address: ${HostIp}`);
      const { first, last } = parseRange(HostPort === '' ? '0' : HostPort.split('/')[0] ?? '');
      return {
        protocol,
        containerPort: Number(port),
        hostAddress: HostIp,
        hostPort: first,
        ...(last > first ? { hostPortEnd: last } : {}),
      };
    });
  });
}
