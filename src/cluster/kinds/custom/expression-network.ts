import type { Environment } from '@marcbachmann/cel-js';
import { GantryError } from '#base/error.ts';
import { contains, containsCidr, formatCidr, parseCidr, parseLinkAddress, subnetOf, type Cidr } from '#net/cidr.ts';
import { formatIp, isLoopback, isUnspecified, tryParseIp, type Ip } from '#net/ip.ts';
import { withNamespace } from './expression-namespace.ts';

const ADDRESSES = 'kubernetes.Addresses';
const IP = 'net.IP';
const CIDR = 'net.CIDR';
const URI = 'kubernetes.URL';

class Address {
  readonly ip: Ip;

  constructor(ip: Ip) {
    this.ip = ip;
  }
}

class Range {
  /** As it was written: the address may have bits beyond the prefix. */
  readonly ip: Ip;
  readonly prefix: number;
  readonly masked: Cidr;

  constructor(text: string) {
    const { ip, prefix } = parseLinkAddress(text);
    this.ip = ip;
    this.prefix = prefix;
    this.masked = subnetOf(ip, prefix);
  }
}

class Location {
  readonly url: URL;
  readonly isPath: boolean;

  constructor(text: string) {
    this.isPath = text.startsWith('/');
    if (!this.isPath && !URL.canParse(text)) throw wrong(`URL parse error during conversion from string: ${JSON.stringify(text)} is none`);
    this.url = new URL(text, 'http://nowhere');
  }
}

const wrong = (message: string): GantryError => new GantryError('invalid', message);

function addressOf(text: string): Address {
  const ip = tryParseIp(text);
  // No mapped addresses and no zones, as upstream.
  if (ip === undefined || /^::ffff:\d+\./i.test(text)) throw wrong(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return new Address(ip);
}

function is(parse: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  };
}

const within = ({ ip }: Address, ...ranges: readonly string[]): boolean => ranges.some((range) => {
  const cidr = parseCidr(range);
  return cidr.family === ip.family && contains(cidr, ip);
});
const isUnicast = (address: Address): boolean => !isUnspecified(address.ip) && !isLoopback(address.ip) && !within(address, '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10') && formatIp(address.ip) !== '255.255.255.255';
const holds = ({ masked }: Range, ip: Ip): boolean => masked.family === ip.family && contains(masked, ip);
const covers = (outer: Range, inner: Range): boolean => outer.masked.family === inner.masked.family && containsCidr(outer.masked, inner.masked);

/** kubernetes.io, "Common Expression Language in Kubernetes", IP address, CIDR and URL libraries. */
export function withNetwork(environment: Environment): Environment {
  return withNamespace(environment, 'ip', ADDRESSES)
    .registerFunction(`${ADDRESSES}.isCanonical(string): bool`, (_ip: unknown, text: string) => formatIp(addressOf(text).ip) === text)
    .registerType(IP, { ctor: Address, fields: {} }).registerType(CIDR, { ctor: Range, fields: {} }).registerType(URI, { ctor: Location, fields: {} })
    .registerFunction(`ip(string): ${IP}`, addressOf).registerFunction('isIP(string): bool', is(addressOf)).registerFunction(`string(${IP}): string`, ({ ip }: Address) => formatIp(ip))
    .registerFunction(`${IP}.family(): int`, ({ ip }: Address) => BigInt(ip.family))
    .registerFunction(`${IP}.isUnspecified(): bool`, ({ ip }: Address) => isUnspecified(ip)).registerFunction(`${IP}.isLoopback(): bool`, ({ ip }: Address) => isLoopback(ip))
    .registerFunction(`${IP}.isLinkLocalMulticast(): bool`, (address: Address) => within(address, '224.0.0.0/24', 'ff02::/16')).registerFunction(`${IP}.isLinkLocalUnicast(): bool`, (address: Address) => within(address, '169.254.0.0/16', 'fe80::/10'))
    .registerFunction(`${IP}.isGlobalUnicast(): bool`, isUnicast)
    .registerOperator(`${IP} == ${IP}`, (a: Address, b: Address) => formatIp(a.ip) === formatIp(b.ip))
    .registerFunction(`cidr(string): ${CIDR}`, (text: string) => new Range(text)).registerFunction('isCIDR(string): bool', is((text) => new Range(text)))
    .registerFunction(`string(${CIDR}): string`, ({ ip, prefix }: Range) => `${formatIp(ip)}/${prefix}`)
    .registerFunction(`${CIDR}.containsIP(${IP}): bool`, (range: Range, { ip }: Address) => holds(range, ip)).registerFunction(`${CIDR}.containsIP(string): bool`, (range: Range, text: string) => holds(range, addressOf(text).ip))
    .registerFunction(`${CIDR}.containsCIDR(${CIDR}): bool`, covers).registerFunction(`${CIDR}.containsCIDR(string): bool`, (range: Range, text: string) => covers(range, new Range(text)))
    .registerFunction(`${CIDR}.ip(): ${IP}`, ({ ip }: Range) => new Address(ip)).registerFunction(`${CIDR}.prefixLength(): int`, ({ prefix }: Range) => BigInt(prefix))
    .registerFunction(`${CIDR}.masked(): ${CIDR}`, ({ masked }: Range) => new Range(formatCidr(masked)))
    .registerOperator(`${CIDR} == ${CIDR}`, (a: Range, b: Range) => a.prefix === b.prefix && formatIp(a.ip) === formatIp(b.ip))
    .registerFunction(`url(string): ${URI}`, (text: string) => new Location(text)).registerFunction('isURL(string): bool', is((text) => new Location(text)))
    .registerFunction(`${URI}.getScheme(): string`, ({ url, isPath }: Location) => (isPath ? '' : url.protocol.slice(0, -1))).registerFunction(`${URI}.getHost(): string`, ({ url, isPath }: Location) => (isPath ? '' : url.host))
    .registerFunction(`${URI}.getHostname(): string`, ({ url, isPath }: Location) => (isPath ? '' : url.hostname.replace(/^\[|\]$/g, ''))).registerFunction(`${URI}.getPort(): string`, ({ url }: Location) => url.port)
    .registerFunction(`${URI}.getEscapedPath(): string`, ({ url }: Location) => url.pathname)
    .registerFunction(`${URI}.getQuery(): map<string, list<string>>`, ({ url }: Location) => queryOf(url.search));
}

function queryOf(search: string): ReadonlyMap<string, readonly string[]> {
  const pairs = search.replace(/^\?/, '').split('&').filter((each) => each !== '').map((pair) => pair.split('=').map((part) => decodeURIComponent(part.replaceAll('+', ' '))));
  return new Map([...Map.groupBy(pairs, ([name = '']) => name)].map(([name, list]) => [name, list.map(([, ...value]) => value.join('='))]));
}
