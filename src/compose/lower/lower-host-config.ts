import type { Project } from '../model/project.ts';
import type { Service } from '../model/service-kind.ts';
import { asObject, given, nonEmpty } from './create-request.ts';
import { lowerMounts, type InheritedVolume } from './lower-mounts.ts';
import { linksOf, shared, type ContainerOf } from './lower-network.ts';

export interface HostConfigParts {
  readonly networkMode: string;
  readonly containerOf: ContainerOf;
  readonly inherited: readonly InheritedVolume[];
}

const NANO = 1_000_000_000;

/** The machine's side of a service: limits, mounts, namespaces, rights. */
export function lowerHostConfig(project: Project, service: Service, parts: HostConfigParts): Readonly<Record<string, unknown>> {
  return {
    NetworkMode: parts.networkMode,
    PortBindings: portBindings(service),
    ...lowerMounts(project, service, parts.inherited),
    ...limits(service),
    ...blockLimits(service),
    ...rights(service, parts.containerOf),
    ...given({
      RestartPolicy: restartPolicy(service), LogConfig: logConfig(service), Init: service.init, ShmSize: nonEmpty(service.shm_size), Runtime: nonEmpty(service.runtime),
      Annotations: service.annotations === undefined ? undefined : asObject(service.annotations), Dns: nonEmpty(service.dns), DnsOptions: nonEmpty(service.dns_opt),
      DnsSearch: nonEmpty(service.dns_search), ExtraHosts: [...(service.extra_hosts ?? [])].flatMap(([host, ips]) => ips.map((ip) => `${host}:${ip}`)),
      VolumesFrom: nonEmpty((service.volumes_from ?? []).map((from) => volumesFrom(from, parts.containerOf))), VolumeDriver: nonEmpty(service.volume_driver),
      Links: nonEmpty(linksOf(service, parts.containerOf)),
      Isolation: nonEmpty(service.isolation), StorageOpt: service.storage_opt === undefined ? undefined : asObject(service.storage_opt),
    }),
  };
}

function volumesFrom(from: string, containerOf: ContainerOf): string {
  if (from.startsWith('container:')) return from.slice('container:'.length);
  const [service = '', ...mode] = from.split(':');
  return [containerOf(service), ...mode].join(':');
}

function portBindings({ ports = [] }: Service): Readonly<Record<string, unknown>> {
  const bindings = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const { target = 0, protocol = 'tcp', host_ip = '', published = '' } of ports) {
    const key = `${target}/${protocol}`;
    bindings.set(key, [...(bindings.get(key) ?? []), { HostIp: host_ip, HostPort: published }]);
  }
  return asObject(bindings);
}

function limits(service: Service): object {
  const { limits: most, reservations: least } = service.deploy?.resources ?? {};
  const cpus = most?.cpus ?? service.cpus ?? 0;
  return given({
    NanoCpus: nonEmpty(Math.round(cpus * NANO)), Memory: nonEmpty(most?.memory ?? service.mem_limit), MemoryReservation: nonEmpty(least?.memory ?? service.mem_reservation),
    MemorySwap: nonEmpty(service.memswap_limit), MemorySwappiness: nonEmpty(service.mem_swappiness), PidsLimit: nonEmpty(most?.pids ?? service.pids_limit),
    CpuPeriod: nonEmpty(service.cpu_period), CpuQuota: nonEmpty(service.cpu_quota), CpuRealtimePeriod: nonEmpty(service.cpu_rt_period),
    CpuRealtimeRuntime: nonEmpty(service.cpu_rt_runtime), CpuShares: nonEmpty(service.cpu_shares), CpusetCpus: nonEmpty(service.cpuset),
    CpuCount: nonEmpty(service.cpu_count), CpuPercent: nonEmpty(service.cpu_percent), OomKillDisable: nonEmpty(service.oom_kill_disable),
    OomScoreAdj: nonEmpty(service.oom_score_adj), CgroupParent: nonEmpty(service.cgroup_parent),
    Ulimits: nonEmpty([...(service.ulimits ?? [])].map(([Name, { soft, hard }]) => ({ Name, Hard: hard, Soft: soft }))),
    Devices: nonEmpty((service.devices ?? []).map(({ source = '', target = '', permissions = 'rwm' }) => ({ PathOnHost: source, PathInContainer: target, CgroupPermissions: permissions }))),
    DeviceCgroupRules: nonEmpty(service.device_cgroup_rules), DeviceRequests: nonEmpty(deviceRequests(service)),
  });
}

function deviceRequests(service: Service): object[] {
  const reserved = (service.deploy?.resources?.reservations?.devices ?? []).map((device) => ({ device, capabilities: device.capabilities ?? [] }));
  const gpus = (service.gpus ?? []).map((device) => ({ device, capabilities: [...(device.capabilities ?? []), 'gpu'] }));
  return [...reserved, ...gpus].map(({ device, capabilities }) => ({
    Driver: device.driver ?? '', Count: device.count ?? 0, DeviceIDs: device.device_ids ?? null, Capabilities: [capabilities], Options: device.options === undefined ? null : asObject(device.options),
  }));
}

function blockLimits({ blkio_config: block }: Service): object {
  const throttles = (devices: readonly { readonly path?: string; readonly rate?: number }[] | undefined): object[] | undefined =>
    nonEmpty(devices?.map(({ path, rate }) => ({ Path: path, Rate: rate })));
  return given({
    BlkioWeight: nonEmpty(block?.weight), BlkioWeightDevice: nonEmpty(block?.weight_device?.map(({ path, weight }) => ({ Path: path, Weight: weight }))),
    BlkioDeviceReadBps: throttles(block?.device_read_bps), BlkioDeviceReadIOps: throttles(block?.device_read_iops),
    BlkioDeviceWriteBps: throttles(block?.device_write_bps), BlkioDeviceWriteIOps: throttles(block?.device_write_iops),
  });
}

function rights(service: Service, containerOf: ContainerOf): object {
  const mode = (value: string | undefined): string | undefined => nonEmpty(value === undefined ? undefined : shared(value, containerOf));
  return given({
    CapAdd: nonEmpty(named(service.cap_add)), CapDrop: nonEmpty(named(service.cap_drop)), Privileged: nonEmpty(service.privileged), ReadonlyRootfs: nonEmpty(service.read_only),
    SecurityOpt: nonEmpty(service.security_opt), GroupAdd: nonEmpty(service.group_add), Sysctls: service.sysctls === undefined ? undefined : asObject(service.sysctls),
    CgroupnsMode: nonEmpty(service.cgroup), IpcMode: mode(service.ipc), PidMode: mode(service.pid), UTSMode: nonEmpty(service.uts), UsernsMode: nonEmpty(service.userns_mode),
  });
}

/** Rights by their whole names, in order. */
function named(capabilities: readonly string[] = []): string[] {
  return [...new Set(capabilities.map((name) => name.trim().toUpperCase()).map((name) => (name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`)))].toSorted();
}

/** What `deploy` says counts where `restart` says nothing. */
function restartPolicy({ restart = '', deploy }: Service): object | undefined {
  if (restart !== '') {
    const [name = '', attempts = '0'] = restart.split(':');
    return { Name: name, MaximumRetryCount: Number(attempts) };
  }
  const policy = deploy?.restart_policy;
  if (policy === undefined) return undefined;
  const names: Readonly<Record<string, string>> = { none: 'no', 'on-failure': 'on-failure', any: 'always' };
  const name = names[policy.condition ?? ''] ?? (policy.condition ?? 'always');
  return { Name: name, MaximumRetryCount: name === 'on-failure' ? policy.max_attempts ?? 0 : 0 };
}

function logConfig({ logging, log_driver, log_opt }: Service): object | undefined {
  const type = logging?.driver ?? log_driver;
  const options = logging?.options ?? log_opt;
  return type === undefined && options === undefined ? undefined : { Type: type ?? '', Config: asObject(options ?? []) };
}
