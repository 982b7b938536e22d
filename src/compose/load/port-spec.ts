import { compareText } from '../value/go-text.ts';
import { problem, type Path } from '../value/places.ts';
import type { Mapping, Value } from '../value/value.ts';
import { isIpAddress } from './ip-address.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const HINT = 'write [[IP:]PUBLISHED:]TARGET[/PROTOCOL], ports or ranges such as 8000-8010';

/** The long forms of `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`, one for each port of a range. */
export function expandPortSpec(spec: string, path: Path): Mapping[] {
  const [ports = '', protocol = ''] = split(spec, '/');
  const parts = ports.split(':');
  const target = parts.pop() ?? '';
  const published = parts.pop() ?? '';
  const host = bareAddress(parts.join(':'));
  if (host !== '' && !isIpAddress(host)) throw problem(path, `invalid IP address: ${host}`, HINT);
  if (target === '') throw problem(path, `no port specified: ${spec}<empty>`, HINT);
  const [first, last] = range(target, path, 'containerPort');
  const [firstPublished, lastPublished] = published === '' ? [0, 0] : range(published, path, 'hostPort');
  const several = lastPublished - firstPublished;
  if (published !== '' && last - first !== several && last !== first) {
    throw problem(path, `invalid ranges specified for container and host Ports: ${target} and ${published}`, 'both ranges need the same length, or the target is one port');
  }
  const proto = (protocol === '' ? 'tcp' : protocol).toLowerCase();
  if (!PROTOCOLS.includes(proto)) throw problem(path, `invalid proto: ${protocol}`, `known: ${PROTOCOLS.join(', ')}`);
  const entries = Array.from({ length: last - first + 1 }, (_, index): readonly [string, Mapping] => {
    const port = first + index;
    const outside = published === '' ? undefined : first === last && several > 0 ? `${firstPublished}-${lastPublished}` : String(firstPublished + index);
    return [`${port}/${proto}`, entry(host, port, outside, proto)];
  });
  // The order that compose shows: by the text of the port.
  return entries.sort(([a], [b]) => compareText(a, b)).map(([, mapping]) => mapping);
}

function entry(host: string, target: number, published: string | undefined, protocol: string): Mapping {
  const mapping: Mapping = new Map<string, Value>([['mode', 'ingress']]);
  if (host !== '') mapping.set('host_ip', host);
  mapping.set('target', target);
  if (published !== undefined) mapping.set('published', published);
  return mapping.set('protocol', protocol);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function bareAddress(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function range(text: string, path: Path, what: string): [number, number] {
  const [from = '', to] = text.split('-');
  const [first, last] = [portNumber(from), portNumber(to ?? from)];
  if (first === undefined || last === undefined || last < first || text.split('-').length > 2) throw problem(path, `invalid ${what}: ${text}`, HINT);
  return [first, last];
}

function portNumber(text: string): number | undefined {
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}
