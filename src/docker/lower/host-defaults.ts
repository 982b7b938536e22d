import type { HostFacts } from '#container/host/facts.ts';
import type { Container } from '#container/model/container.ts';
import type { HostConfig } from '../wire/host-config.ts';

const DEFAULT_SHM_BYTES = 64 * 1024 * 1024;

/** What a container must not look into, or change, unless it is told so. */
export const MASKED_PATHS = [
  '/proc/asound', '/proc/acpi', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats',
  '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap',
];
export const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export type FindContainer = (reference: string) => Container;

/** `container:name` as `container:id`, which a rename doesn't break. One that isn't there is told later. */
function byId(mode: string, find: FindContainer): string {
  if (!mode.startsWith('container:')) return mode;
  try {
    return `container:${find(mode.slice('container:'.length)).spec.id}`;
  } catch {
    return mode;
  }
}

/** The host configuration as an inspect shows it: with what Docker puts in where the request says nothing. */
export function fillHostDefaults(host: HostConfig, facts: HostFacts, find: FindContainer): HostConfig {
  // Docker's is the host's on cgroup v1. A view of its own shows a container nothing of where it hangs, and no program minds.
  const cgroupDefault = facts.cgroupVersion === 1 && host.Privileged ? 'host' : 'private';
  const sharesProcesses = host.IpcMode === 'host' || host.PidMode === 'host' || host.Privileged;
  const hasLabel = (host.SecurityOpt ?? []).some((option) => option.startsWith('label'));
  return {
    ...host,
    RestartPolicy: { ...host.RestartPolicy, Name: host.RestartPolicy.Name === '' ? 'no' : host.RestartPolicy.Name },
    MemorySwap: host.Memory > 0 && host.MemorySwap === 0 ? host.Memory * 2 : host.MemorySwap,
    MemorySwappiness: host.MemorySwappiness === -1 ? null : host.MemorySwappiness,
    ShmSize: host.ShmSize === 0 ? DEFAULT_SHM_BYTES : host.ShmSize,
    IpcMode: host.IpcMode === '' ? 'private' : byId(host.IpcMode, find),
    PidMode: byId(host.PidMode, find),
    NetworkMode: byId(host.NetworkMode, find),
    CgroupnsMode: host.CgroupnsMode === '' ? cgroupDefault : host.CgroupnsMode,
    SecurityOpt: sharesProcesses && !hasLabel ? [...(host.SecurityOpt ?? []), 'label=disable'] : host.SecurityOpt,
    OomKillDisable: facts.cgroupVersion === 2 ? null : (host.OomKillDisable ?? false),
    LogConfig: { Type: host.LogConfig.Type === '' ? 'json-file' : host.LogConfig.Type, Config: host.LogConfig.Config ?? {} },
    Runtime: host.Runtime ?? facts.runtime.name,
    MaskedPaths: host.MaskedPaths ?? (host.Privileged ? null : MASKED_PATHS),
    ReadonlyPaths: host.ReadonlyPaths ?? (host.Privileged ? null : READONLY_PATHS),
    Links: (host.Links ?? []).length === 0 ? null : host.Links,
    BlkioWeight: facts.hasBlockWeights ? host.BlkioWeight : 0,
    BlkioWeightDevice: facts.hasBlockWeights || (host.BlkioWeightDevice ?? []).length === 0 ? host.BlkioWeightDevice : [],
    CpuPercent: 0,
  };
}
