import type { BlockDeviceLimit, DeviceRequest, DriverRequest, Resources, Ulimit } from '#container/model/resources.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { invalid } from './invalid.ts';

const LIMITS = new Set('core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '));
const DEVICE_RULE = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/;

type DeviceLimits = HostConfig['BlkioDeviceReadBps'];

function deviceLimits(list: DeviceLimits): readonly BlockDeviceLimit[] | null {
  const limits = (list ?? []).flatMap((entry) => (entry === null ? [] : [{ path: entry.Path, value: entry.Rate }]));
  return limits.length === 0 ? null : limits;
}

function deviceWeights(list: HostConfig['BlkioWeightDevice']): readonly BlockDeviceLimit[] | null {
  const limits = (list ?? []).flatMap((entry) => (entry === null ? [] : [{ path: entry.Path, value: entry.Weight }]));
  return limits.length === 0 ? null : limits;
}

/**
 * 0 is no limit, except where null says so.
 * @param pids as it was asked for: an inspect does not tell 0 from -1, which ask for the default and for no limit
 */
export function lowerResources(host: HostConfig, pids: number | null = host.PidsLimit): Resources {
  const limits: Record<keyof Resources, Resources[keyof Resources] | null> = {
    memoryBytes: host.Memory || null,
    memoryReservationBytes: host.MemoryReservation || null,
    memorySwapBytes: host.MemorySwap || null,
    memorySwappiness: host.MemorySwappiness,
    oomKillDisable: host.OomKillDisable || null,
    nanoCpus: host.NanoCpus || null,
    cpuShares: host.CpuShares || null,
    cpuPeriodUs: host.CpuPeriod || null,
    cpuQuotaUs: host.CpuQuota || null,
    cpusetCpus: host.CpusetCpus || null,
    cpusetMems: host.CpusetMems || null,
    pidsLimit: pids === null || pids === 0 ? null : Math.max(pids, -1),
    blkioWeight: host.BlkioWeight || null,
    blkioWeightDevices: deviceWeights(host.BlkioWeightDevice),
    blkioReadBps: deviceLimits(host.BlkioDeviceReadBps),
    blkioWriteBps: deviceLimits(host.BlkioDeviceWriteBps),
    blkioReadIops: deviceLimits(host.BlkioDeviceReadIOps),
    blkioWriteIops: deviceLimits(host.BlkioDeviceWriteIOps),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null)) as Resources;
}

export function lowerUlimits(host: HostConfig): Ulimit[] {
  return (host.Ulimits ?? []).flatMap((limit) => {
    if (limit === null) return [];
    const name = limit.Name.toLowerCase();
    if (!LIMITS.has(name)) throw invalid(`invalid ulimit type: ${limit.Name}`);
    if (limit.Hard !== -1 && (limit.Soft > limit.Hard || limit.Soft === -1)) {
      throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${limit.Soft} > ${limit.Hard}`);
    }
    return [{ name, soft: limit.Soft, hard: limit.Hard }];
  });
}

export function lowerDevices(host: HostConfig): DeviceRequest[] {
  return (host.Devices ?? []).map(({ PathOnHost, PathInContainer, CgroupPermissions }) => {
    if (!PathOnHost.startsWith('/')) throw invalid(`invalid device: '${PathOnHost}' must be an absolute path`);
    const permissions = CgroupPermissions === '' ? 'rwm' : CgroupPermissions;
    if (!/^[rwm]{1,3}$/.test(permissions)) throw invalid(`invalid device mode: ${permissions}`);
    return { hostPath: PathOnHost, containerPath: PathInContainer === '' ? PathOnHost : PathInContainer, permissions };
  });
}

export function lowerDeviceRequests(host: HostConfig): DriverRequest[] {
  return (host.DeviceRequests ?? []).map(({ Driver, Count, DeviceIDs, Capabilities, Options }) => ({
    driver: Driver, count: Count, ids: DeviceIDs ?? [], capabilities: (Capabilities ?? []).map((set) => set ?? []), options: Options ?? {},
  }));
}

export function lowerDeviceRules(host: HostConfig): readonly string[] {
  const rules = host.DeviceCgroupRules ?? [];
  for (const rule of rules) if (!DEVICE_RULE.test(rule)) throw invalid(`invalid device cgroup rule format: '${rule}'`);
  return rules;
}
