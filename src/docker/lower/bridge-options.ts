import type { BridgePolicy, GatewayMode } from '#container/model/network.ts';
import { invalid } from './invalid.ts';
import { isAddress } from './ip-address.ts';

const BRIDGE = 'com.docker.network.bridge.';
const MTU = 'com.docker.network.driver.mtu';
const MODES: readonly GatewayMode[] = ['nat', 'nat-unprotected', 'routed', 'isolated'];
/** strconv.ParseBool */
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

export type DriverOptions = Readonly<Record<string, string>>;

export interface LoweredBridge {
  readonly policy: BridgePolicy;
  readonly bridge?: string;
  readonly mtu?: number;
}

/** Options of the bridge driver; what it doesn't know it leaves alone, as Docker does. */
export function lowerBridgeOptions(options: DriverOptions, internal: boolean): LoweredBridge {
  const masquerade = boolOf(options, `${BRIDGE}enable_ip_masquerade`, true);
  const ofFamily = (prefix: string, family: 4 | 6): { ipv4?: string } | { ipv6?: string } => {
    const address = addressOf(options, `${prefix}${family}`, family);
    return address === undefined ? {} : family === 4 ? { ipv4: address } : { ipv6: address };
  };
  const trusted = options[`${BRIDGE}trusted_host_interfaces`] ?? '';
  const name = nameOf(options);
  const mtu = lowerMtu(options);
  return {
    policy: {
      betweenContainers: boolOf(options, `${BRIDGE}enable_icc`, true),
      masquerade: { ipv4: masquerade, ipv6: masquerade },
      mode: { ipv4: modeOf(options, `${BRIDGE}gateway_mode_ipv4`, internal), ipv6: modeOf(options, `${BRIDGE}gateway_mode_ipv6`, internal) },
      hostBinding: { ...ofFamily(`${BRIDGE}host_binding_ipv`, 4), ...ofFamily(`${BRIDGE}host_binding_ipv`, 6) },
      hostAddress: { ...ofFamily('com.docker.network.host_ipv', 4), ...ofFamily('com.docker.network.host_ipv', 6) },
      trustedLinks: trusted === '' ? [] : trusted.split(':').map(linkOf),
      withoutGateway4: boolOf(options, `${BRIDGE}inhibit_ipv4`, false),
      linkPrefix: prefixOf(options),
    },
    ...(name === '' ? {} : { bridge: name }),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

export function lowerMtu(options: DriverOptions): number | undefined {
  const text = options[MTU] ?? options['mtu'];
  if (text === undefined || text === '') return undefined;
  if (!/^[-+]?\d+$/.test(text)) throw invalid(`failed to parse ${MTU} value: ${text} (strconv.Atoi: parsing "${text}": invalid syntax)`);
  const mtu = Number(text);
  if (mtu === 0) return undefined;
  if (mtu < 68 || mtu > 65_535) throw invalid(`invalid MTU ${text}: it must be from 68 to 65535`);
  return mtu;
}

function boolOf(options: DriverOptions, key: string, otherwise: boolean): boolean {
  const text = options[key];
  if (text === undefined) return otherwise;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw invalid(`failed to parse ${key} value: ${text} (strconv.ParseBool: parsing "${text}": invalid syntax)`);
}

function modeOf(options: DriverOptions, key: string, internal: boolean): GatewayMode {
  const text = options[key] ?? '';
  if (text === '') return 'nat';
  const mode = MODES.find((known) => known === text);
  if (mode === undefined) throw invalid(`failed to parse ${key} value: ${text} (unknown gateway mode ${text})`);
  if (mode === 'isolated' && !internal) throw invalid("gateway mode 'isolated' can only be used for an internal network");
  return mode;
}

function addressOf(options: DriverOptions, key: string, family: 4 | 6): string | undefined {
  const text = options[key] ?? '';
  if (text === '') return undefined;
  if (!isAddress(text) || text.includes(':') !== (family === 6)) throw invalid(`failed to parse ${key} value: ${text} (nil ip)`);
  return text;
}

function nameOf(options: DriverOptions): string {
  const name = options[`${BRIDGE}name`] ?? '';
  if (name !== '' && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name)) throw invalid(`invalid bridge name ${JSON.stringify(name)}: it must be 1 to 15 letters, digits, dots, hyphens or underscores`);
  return name;
}

function linkOf(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name)) throw invalid(`invalid interface name ${JSON.stringify(name)} in ${BRIDGE}trusted_host_interfaces`);
  return name;
}

function prefixOf(options: DriverOptions): string {
  const prefix = options['com.docker.network.container_iface_prefix'] ?? '';
  if (prefix === '') return 'eth';
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,11}$/.test(prefix)) throw invalid(`invalid interface prefix ${JSON.stringify(prefix)}: it must be at most 12 letters, digits, dots, hyphens or underscores`);
  return prefix;
}
