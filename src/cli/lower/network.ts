import type { ParsedArgs } from '../grammar/parsed-args.ts';
import { invalid } from '../status-error.ts';
import type { EndpointSettings } from './create-body.ts';
import { parseCsvRecord } from './csv.ts';
import { cut, listOrNull } from './split.ts';
import { checkMac } from './values.ts';

/** One `--network`: a name, or `name=web,alias=db,ip=10.0.0.2`. */
export interface NetworkOption {
  readonly target: string;
  readonly aliases: readonly string[];
  readonly links: readonly string[];
  readonly ipv4: string;
  readonly ipv6: string;
  readonly mac: string;
  readonly linkLocalIps: readonly string[];
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly gatewayPriority: number;
}

const PLAIN: Omit<NetworkOption, 'target'> = {
  aliases: [], links: [], ipv4: '', ipv6: '', mac: '', linkLocalIps: [], driverOpts: {}, gatewayPriority: 0,
};

export function parseNetwork(text: string): NetworkOption {
  if (!/\w+=\w+/.test(text)) return { ...PLAIN, target: text };
  const aliases: string[] = [];
  const linkLocalIps: string[] = [];
  const driverOpts: Record<string, string> = {};
  const single = new Map<string, string>();
  for (const field of parseCsvRecord(text)) {
    const [rawKey, rawValue] = cut(field.toLowerCase(), '=');
    if (rawValue === undefined || rawKey === '') throw invalid(`invalid field ${field}`);
    const key = rawKey.trim();
    const value = rawValue.trim();
    if (key === 'alias') aliases.push(value);
    else if (key === 'link-local-ip') linkLocalIps.push(value);
    else if (key === 'driver-opt') Object.assign(driverOpts, parseDriverOpt(value));
    else if (['name', 'ip', 'ip6', 'mac-address', 'gw-priority'].includes(key)) single.set(key, value);
    else throw invalid(`invalid field key ${key}`);
  }
  const priority = single.get('gw-priority') ?? '0';
  if (!/^[+-]?[0-9]+$/.test(priority)) throw invalid(`invalid gw-priority (${priority}): invalid syntax`);
  const target = single.get('name') ?? '';
  if (target === '') throw invalid('network name/id is not specified');
  return {
    target, aliases, links: [], linkLocalIps, driverOpts,
    ipv4: single.get('ip') ?? '', ipv6: single.get('ip6') ?? '', mac: single.get('mac-address') ?? '', gatewayPriority: Number(priority),
  };
}

function parseDriverOpt(text: string): Readonly<Record<string, string>> {
  const [key, value] = cut(text, '=');
  if (value === undefined || key === '') throw invalid('invalid key value pair format in driver options');
  return { [key.trim()]: value.trim() };
}

export interface LoweredNetworks {
  readonly mode: string;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
}

/** All `--network` flags, with the flags `--ip`, `--network-alias` and so on, which mean the first network. */
export function lowerNetworks(args: ParsedArgs): LoweredNetworks {
  const options = args.list('network').map(parseNetwork);
  const [first = { ...PLAIN, target: 'default' }, ...others] = options;
  const endpoints: Record<string, EndpointSettings> = {};
  for (const [index, option] of [withFlags(first, args), ...others].entries()) {
    const endpoint = lowerEndpoint(option);
    if (endpoints[option.target] !== undefined) throw invalid(`network ${JSON.stringify(option.target)} is specified multiple times`);
    // A single network without settings needs no endpoint: the mode says it all.
    if (index === 0 && options.length === 1 && isPlain(endpoint)) continue;
    endpoints[option.target] = endpoint;
  }
  const userDefined = options.map((option) => isUserDefined(option.target));
  if (userDefined.includes(true) && userDefined.includes(false)) {
    throw invalid('conflicting options: cannot attach both user-defined and non-user-defined network-modes');
  }
  return { mode: first.target, endpoints };
}

/** Not one of the modes that the engine knows without a network: default, bridge, host, none, container:x. */
export function isUserDefined(mode: string): boolean {
  return !['default', 'bridge', 'host', 'none', ''].includes(mode) && !mode.startsWith('container:') && mode !== 'container';
}

function withFlags(option: NetworkOption, args: ParsedArgs): NetworkOption {
  const aliases = args.list('network-alias');
  const links = isUserDefined(option.target) ? args.list('link') : [];
  const linkLocalIps = args.list('link-local-ip');
  return {
    ...option,
    aliases: oneOf(option.aliases, aliases, '--network-alias and per-network alias'),
    links: oneOf(option.links, links, '--link and per-network links'),
    ipv4: oneOf(option.ipv4, args.string('ip'), '--ip and per-network IPv4 address'),
    ipv6: oneOf(option.ipv6, args.string('ip6'), '--ip6 and per-network IPv6 address'),
    mac: oneOf(option.mac, args.string('mac-address'), '--mac-address and per-network MAC address'),
    linkLocalIps: oneOf(option.linkLocalIps, linkLocalIps, '--link-local-ip and per-network link-local IP addresses'),
  };
}

function oneOf<T extends { readonly length: number }>(own: T, flag: T, both: string): T {
  if (own.length > 0 && flag.length > 0) throw invalid(`conflicting options: cannot specify both ${both}`);
  return flag.length > 0 ? flag : own;
}

function lowerEndpoint(option: NetworkOption): EndpointSettings {
  if (option.target.trim() === '') throw invalid('no name set for network');
  if (!isUserDefined(option.target) && option.aliases.length > 0) {
    throw invalid('network-scoped aliases are only supported for user-defined networks');
  }
  if (option.mac !== '') checkMac(option.mac);
  const ipam = {
    ...(option.ipv4 === '' ? {} : { IPv4Address: option.ipv4 }),
    ...(option.ipv6 === '' ? {} : { IPv6Address: option.ipv6 }),
    ...(option.linkLocalIps.length === 0 ? {} : { LinkLocalIPs: option.linkLocalIps }),
  };
  return {
    ...emptyEndpoint,
    IPAMConfig: Object.keys(ipam).length === 0 ? null : ipam,
    Links: listOrNull(option.links),
    Aliases: listOrNull(option.aliases),
    MacAddress: option.mac,
    DriverOpts: Object.keys(option.driverOpts).length === 0 ? null : option.driverOpts,
    GwPriority: option.gatewayPriority,
  };
}

export const emptyEndpoint: EndpointSettings = {
  IPAMConfig: null, Links: null, Aliases: null, MacAddress: '', DriverOpts: null, GwPriority: 0, NetworkID: '', EndpointID: '',
  Gateway: '', IPAddress: '', IPPrefixLen: 0, IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0, DNSNames: null,
};

function isPlain(endpoint: EndpointSettings): boolean {
  const { IPAMConfig, Links, Aliases, MacAddress, DriverOpts, GwPriority } = endpoint;
  return IPAMConfig === null && Links === null && Aliases === null && MacAddress === '' && DriverOpts === null && GwPriority === 0;
}
