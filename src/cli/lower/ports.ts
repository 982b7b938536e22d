import { isIP } from 'node:net';
import { invalid } from '../status-error.ts';
import type { PortBinding, StringSet } from './create-body.ts';
import { cut } from './split.ts';

const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp']);

export interface LoweredPorts {
  readonly exposed: StringSet;
  readonly bindings: Readonly<Record<string, readonly PortBinding[]>>;
}

/** `--publish` and `--expose` values as exposed ports and bindings, keyed `80/tcp`. */
export function lowerPorts(publish: readonly string[], expose: readonly string[]): LoweredPorts {
  const exposed: Record<string, Record<string, never>> = {};
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of publish) {
    for (const { port, binding } of parsePublish(spec)) {
      exposed[port] = {};
      (bindings[port] ??= []).push(binding);
    }
  }
  for (const spec of expose) for (const port of parseExpose(spec)) exposed[port] = {};
  return { exposed, bindings };
}

interface PublishedPort {
  readonly port: string;
  readonly binding: PortBinding;
}

/** `[[ip:]host:]container[/proto]`, where a port may be a range, or `published=80,target=80,protocol=tcp`. */
export function parsePublish(given: string): readonly PublishedPort[] {
  const spec = given.includes('=') ? fromPairs(given) : given;
  const { ip, host, container } = splitAddress(spec);
  const [ports, protocol] = splitProtocol(container);
  if (!PROTOCOLS.has(protocol.toLowerCase())) throw invalid(`invalid proto: ${protocol.toLowerCase()}`);
  if (ip !== '' && isIP(ip) === 0) throw invalid(`invalid IP address: ${ip}`);
  if (ports === '') throw invalid(`no port specified: ${spec}<empty>`);
  const inside = parseRange(ports) ?? fail(`invalid containerPort: ${ports}`);
  const outside = host === '' ? undefined : (parseRange(host) ?? fail(`invalid hostPort: ${host}`));
  const count = inside.last - inside.first + 1;
  if (outside !== undefined && outside.last - outside.first + 1 !== count && count !== 1) {
    throw invalid(`invalid ranges specified for container and host Ports: ${ports} and ${host}`);
  }
  return Array.from({ length: count }, (_, index) => ({
    port: `${inside.first + index}/${protocol.toLowerCase()}`,
    binding: { HostIp: ip, HostPort: outside === undefined ? '' : hostPort(outside, index, count) },
  }));
}

/** One container port and a range of host ports: the daemon picks one of the range. */
function hostPort(outside: PortRange, index: number, count: number): string {
  const first = String(outside.first + index);
  return count === 1 && outside.last !== outside.first ? `${first}-${outside.last}` : first;
}

function parseExpose(spec: string): readonly string[] {
  if (spec.includes(':')) throw invalid(`invalid port format for --expose: ${spec}`);
  const [ports, protocol] = splitProtocol(spec);
  if (ports === '') throw invalid(`invalid range format for --expose: ${spec}, error: empty string specified for ports`);
  const range = parseRange(ports);
  if (range === undefined) {
    throw invalid(`invalid range format for --expose: ${spec}, error: ${ports} is no port and no range of ports such as 8000-8010`);
  }
  return Array.from({ length: range.last - range.first + 1 }, (_, index) => `${range.first + index}/${protocol}`);
}

function fromPairs(text: string): string {
  const pairs: Record<string, string> = { protocol: 'tcp' };
  for (const part of text.split(',')) {
    const [key, value] = cut(part, '=');
    if (value === undefined || key === '') throw invalid(`invalid publish opts format (should be name=value but got '${part}')`);
    pairs[key] = value;
  }
  return `${pairs['published'] ?? ''}:${pairs['target'] ?? ''}/${pairs['protocol'] ?? ''}`;
}

function splitAddress(spec: string): { readonly ip: string; readonly host: string; readonly container: string } {
  const parts = spec.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  return { ip: parts.join(':').replace(/^\[(.*)\]$/, '$1'), host, container };
}

function splitProtocol(text: string): readonly [ports: string, protocol: string] {
  const [ports, protocol] = cut(text, '/');
  return [ports, ports === '' ? '' : (protocol || 'tcp')];
}

interface PortRange {
  readonly first: number;
  readonly last: number;
}

function parseRange(text: string): PortRange | undefined {
  const [from = '', to = from] = text.split('-');
  const first = parsePort(from);
  const last = parsePort(to);
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

function parsePort(text: string): number | undefined {
  const port = /^[0-9]+$/.test(text) ? Number(text) : 65_536;
  return port > 65_535 ? undefined : port;
}

function fail(message: string): never {
  throw invalid(message);
}
