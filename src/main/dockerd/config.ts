import { GantryError } from '#base/error.ts';
import type { NetworkDefaults } from '#container/engine/network-defaults.ts';
import type { BridgePolicy } from '#container/model/network.ts';
import { CREATE_DEFAULTS, type CreateDefaults } from '#docker/create-defaults.ts';
import { parseBinarySize } from '#docker/size.ts';
import { lowerLogging } from '#docker/lower/logging.ts';
import { parsePool } from '#net/address-pool.ts';
import { formatCidr, parseCidr, parseLinkAddress, subnetOf } from '#net/cidr.ts';
import { formatIp, parseIp } from '#net/ip.ts';
import { imageOptions, type ImageOptions } from '../image-options.ts';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';
import { OPTIONS } from './options.ts';
import type { Given } from './settings.ts';

export interface TlsPaths {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What dockerd does. */
export interface DockerdConfig {
  readonly hosts: readonly ListenAddress[];
  /** The group of the sockets, and whether somebody asked for it. */
  readonly group: { readonly name: string; readonly isAsked: boolean };
  readonly tls: TlsPaths | undefined;
  readonly root: string;
  readonly run: string;
  readonly pidFile: string;
  readonly runtime: 'crun' | 'runc';
  readonly network: NetworkDefaults;
  readonly defaults: CreateDefaults;
  readonly images: ImageOptions;
  /** Path of a profile that `defaults.seccomp` is to hold. */
  readonly seccompFile: string | undefined;
}

const LEVELS = ['panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const FALLBACKS = new Map(OPTIONS.map(({ flag, fallback }) => [flag, fallback ?? '']));

const invalid = (message: string, hint?: string): GantryError => new GantryError('invalid', message, hint === undefined ? {} : { hint });

class Reader {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  has(flag: string): boolean {
    return this.#given.has(flag);
  }

  text(flag: string): string {
    return this.#given.get(flag)?.at(-1) ?? FALLBACKS.get(flag) ?? '';
  }

  is(flag: string): boolean {
    return this.text(flag) === 'true';
  }

  list(flag: string): readonly string[] {
    return this.#given.get(flag) ?? [];
  }

  map(flag: string): Record<string, string> {
    const map = Object.create(null) as Record<string, string>;
    for (const pair of this.list(flag)) {
      const at = pair.indexOf('=');
      if (at <= 0) throw invalid(`invalid argument "${pair}" for --${flag}: it must be name=value`);
      map[pair.slice(0, at)] = pair.slice(at + 1);
    }
    return map;
  }
}

/** `nofile=1024:2048`, soft and hard; one number is both. */
function ulimits(limits: Readonly<Record<string, string>>): CreateDefaults['ulimits'] {
  return Object.entries(limits).map(([Name, text]) => {
    const [, soft, hard = soft] = /^(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
    if (soft === undefined) throw invalid(`invalid ulimit argument: ${Name}=${text}`);
    return { Name, Soft: Number(soft), Hard: Number(hard) };
  });
}

function oneOf<const Word extends string>(flag: string, value: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw invalid(`--${flag} ${value}: use one of ${words.join(', ')}`);
  return found;
}

function labels(list: readonly string[]): readonly string[] {
  const bad = list.find((label) => !/^[^\s=]+=/.test(label));
  if (bad !== undefined) throw invalid(`bad attribute format: ${bad}`);
  return list;
}

function createDefaults(read: Reader): CreateDefaults {
  const logDriver = read.text('log-driver');
  const logOptions = read.map('log-opt');
  // Checked now: a driver that can't be would else be told with every container.
  lowerLogging({ Type: logDriver, Config: logOptions });
  const seccomp = read.text('seccomp-profile');
  return {
    ...CREATE_DEFAULTS,
    logDriver, logOptions,
    ulimits: ulimits(read.map('default-ulimit')),
    shmSizeBytes: parseBinarySize(read.text('default-shm-size')),
    runtime: oneOf('default-runtime', read.text('default-runtime'), ['crun', 'runc']),
    cgroupns: read.has('default-cgroupns-mode') ? oneOf('default-cgroupns-mode', read.text('default-cgroupns-mode'), ['host', 'private']) : '',
    ipc: oneOf('default-ipc-mode', read.text('default-ipc-mode'), ['shareable', 'private']),
    init: read.is('init'),
    cgroupParent: read.text('cgroup-parent'),
    noNewPrivileges: read.is('no-new-privileges'),
    seccomp: seccomp === 'unconfined' ? 'unconfined' : '',
    dns: { servers: read.list('dns'), search: read.list('dns-search'), options: read.list('dns-opt') },
    hostGateway: read.list('host-gateway-ip')[0] ?? '',
    labels: labels(read.list('label')),
    debug: read.is('debug') || read.text('log-level') === 'debug',
  };
}

/** An address that stands for all of its family is no restriction. With any other, the other family is this machine's alone. */
function hostBinding(address: string): BridgePolicy['hostBinding'] {
  const { family } = parseIp(address);
  return /^(0\.0\.0\.0|::)$/.test(address) ? {} : family === 4 ? { ipv4: address, ipv6: '::1' } : { ipv4: '127.0.0.1', ipv6: address };
}

/** `--bip` is the bridge's own address with the subnet's length; `--fixed-cidr` where containers get theirs from. */
function bridge(read: Reader): NetworkDefaults['bridge'] {
  const [bip, fixed] = [read.text('bip'), read.text('fixed-cidr')];
  const mtu = Number(read.text('mtu'));
  if (!Number.isInteger(mtu) || mtu < 0 || mtu > 65_535) throw invalid(`invalid default MTU: ${read.text('mtu')}`);
  const own = bip === '' ? undefined : parseLinkAddress(bip);
  const range = fixed === '' ? undefined : formatCidr(parseCidr(fixed));
  const cidr = own === undefined ? range : formatCidr(subnetOf(own.ip, own.prefix));
  const policy: Partial<BridgePolicy> = {
    ...(read.has('icc') ? { betweenContainers: read.is('icc') } : {}),
    ...(read.has('ip-masq') ? { masquerade: { ipv4: read.is('ip-masq'), ipv6: read.is('ip-masq') } } : {}),
    ...(read.has('ip') ? { hostBinding: hostBinding(read.text('ip')) } : {}),
  };
  return {
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
    ...(read.has('mtu') && mtu !== 0 ? { mtu } : {}),
    ...(cidr === undefined ? {} : { ipv4: { cidr, ...(own === undefined ? {} : { gateway: formatIp(own.ip) }), ...(range === undefined || range === cidr ? {} : { range }) } }),
  };
}

function listeners(read: Reader): readonly ListenAddress[] {
  const hosts = read.list('host').map(parseListenAddress);
  const tcp = hosts.find(({ kind }) => kind === 'tcp');
  // Whoever may connect is root on this host: an address is no proof of who that is, 127.0.0.1 as little as any other.
  if (tcp !== undefined && !read.is('tlsverify')) {
    throw invalid('a TCP socket needs --tlsverify with --tlscacert, --tlscert and --tlskey: whoever can connect is root on this host', 'without certificates use unix:///PATH, and ssh:// in clients of other hosts');
  }
  return hosts.length === 0 ? [parseListenAddress('unix://')] : hosts;
}

/** @throws GantryError invalid for a value that makes no sense */
export function readConfig(given: Given): DockerdConfig {
  const read = new Reader(given);
  const level = read.text('log-level');
  if (!LEVELS.includes(level)) throw invalid(`invalid logging level: ${level}`);
  const seccomp = read.text('seccomp-profile');
  const defaults = createDefaults(read);
  const pools = read.list('default-address-pool').map(parsePool);
  return {
    hosts: listeners(read),
    group: { name: read.text('group'), isAsked: read.has('group') },
    tls: read.is('tlsverify') ? { ca: read.text('tlscacert'), cert: read.text('tlscert'), key: read.text('tlskey') } : undefined,
    root: read.text('data-root'),
    run: read.text('exec-root'),
    pidFile: read.text('pidfile'),
    runtime: defaults.runtime === 'runc' ? 'runc' : 'crun',
    network: { bridge: bridge(read) ?? {}, ...(pools.length === 0 ? {} : { pools }) },
    images: imageOptions(read.list('registry-mirror'), read.list('insecure-registry')),
    defaults,
    seccompFile: ['builtin', 'unconfined', ''].includes(seccomp) ? undefined : seccomp,
  };
}
