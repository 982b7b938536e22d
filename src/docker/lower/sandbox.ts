import type { DnsConfig, Link, NamespaceMode, NetworkMode, SandboxSpec } from '#container/model/sandbox.ts';
import type { Config } from '../wire/config.ts';
import type { EndpointSettings } from '../wire/endpoint.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { lowerEndpoints, parseLink } from './endpoints.ts';
import { parseExtraHost } from './extra-host.ts';
import type { FindContainer } from './host-defaults.ts';
import { lowerExposed, lowerPortBindings } from './ports.ts';
import { lowerSysctls } from './sysctls.ts';
import { isBuiltIn } from './check-network.ts';
import { invalid } from './invalid.ts';

const PREFIX = 'container:';

function containerOf(mode: string, find: FindContainer): Extract<NamespaceMode, { kind: 'container' }> {
  try {
    return { kind: 'container', id: find(mode.slice(PREFIX.length)).spec.id };
  } catch (thrown) {
    throw invalid(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function namespaceOf(mode: string, find: FindContainer): NamespaceMode {
  if (mode.startsWith(PREFIX)) return containerOf(mode, find);
  return mode === 'host' || mode === 'shareable' || mode === 'none' ? { kind: mode } : { kind: 'private' };
}

function networkOf(config: Config, mode: string, find: FindContainer): NetworkMode {
  if (config.NetworkDisabled === true || mode === 'none') return { kind: 'none' };
  if (mode === 'host') return { kind: 'host' };
  return mode.startsWith(PREFIX) ? containerOf(mode, find) : { kind: 'network', name: mode };
}

const orElse = (own: readonly string[] | null, otherwise: readonly string[]): readonly string[] => (own === null || own.length === 0 ? otherwise : own);

export interface SandboxSources {
  readonly find: FindContainer;
  /** What `host-gateway` in an extra host stands for. */
  readonly gateway: string;
  readonly dns: DnsConfig;
  readonly networkName: (reference: string) => string;
}

/** A link to a container that isn't there makes the request wrong. Without names that are served, it is to the container whatever that is called later. */
function lowerLinks(host: HostConfig, find: FindContainer): Link[] {
  return (host.Links ?? []).map(parseLink).map((link) => {
    try {
      const { id } = find(link.container).spec;
      return isBuiltIn(host.NetworkMode) ? { ...link, container: id } : link;
    } catch (thrown) {
      throw invalid(`could not get container for ${link.container}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  });
}

export function lowerSandbox(
  config: Config,
  host: HostConfig,
  endpoints: Readonly<Record<string, EndpointSettings | null>>,
  { find, gateway, dns, networkName }: SandboxSources,
): SandboxSpec {
  const network = networkOf(config, host.NetworkMode, find);
  return {
    hostname: config.Hostname,
    domainname: config.Domainname,
    network,
    pid: namespaceOf(host.PidMode, find),
    ipc: namespaceOf(host.IpcMode, find),
    uts: namespaceOf(host.UTSMode, find),
    cgroup: namespaceOf(host.CgroupnsMode, find),
    dns: { servers: orElse(host.Dns, dns.servers), search: orElse(host.DnsSearch, dns.search), options: orElse(host.DnsOptions, dns.options) },
    extraHosts: (host.ExtraHosts ?? []).map((entry) => {
      const { name, address } = parseExtraHost(entry);
      return `${name}:${address === 'host-gateway' ? gateway : address}`;
    }),
    sysctls: lowerSysctls(host),
    shmSizeBytes: host.ShmSize,
    ports: network.kind === 'network' ? lowerPortBindings(host) : [],
    publishAll: host.PublishAllPorts && network.kind === 'network',
    exposed: lowerExposed(config),
    endpoints: network.kind === 'network' ? lowerEndpoints(endpoints, host.NetworkMode, networkName, lowerLinks(host, find)) : [],
  };
}
