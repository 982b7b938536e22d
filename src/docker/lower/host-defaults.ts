import type { HostFacts } from '#container/host/facts.ts';
import type { Container } from '#container/model/container.ts';
import { CREATE_DEFAULTS, type CreateDefaults } from '../create-defaults.ts';
import type { HostConfig } from '../wire/host-config.ts';

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

/** Options of the operator go with the operator's driver only. */
function withLogDefaults({ Type, Config }: HostConfig['LogConfig'], { logDriver, logOptions }: CreateDefaults): HostConfig['LogConfig'] {
  const driver = Type === '' ? logDriver : Type;
  return { Type: driver, Config: driver === logDriver ? { ...logOptions, ...Config } : (Config ?? {}) };
}

function withUlimits(own: HostConfig['Ulimits'], { ulimits }: CreateDefaults): HostConfig['Ulimits'] {
  const named = new Set((own ?? []).map((limit) => limit?.Name));
  const more = ulimits.filter(({ Name }) => !named.has(Name));
  return more.length === 0 ? own : [...(own ?? []), ...more];
}

/** The host configuration as an inspect shows it: with what Docker puts in where the request says nothing. */
export function fillHostDefaults(host: HostConfig, facts: HostFacts, find: FindContainer, defaults: CreateDefaults = CREATE_DEFAULTS): HostConfig {
  // Docker's is the host's on cgroup v1. A view of its own shows a container nothing of where it hangs, and no program minds.
  const cgroupDefault = defaults.cgroupns !== '' && !(facts.cgroupVersion === 1 && host.Privileged) ? defaults.cgroupns : facts.cgroupVersion === 1 && host.Privileged ? 'host' : 'private';
  const sharesProcesses = host.IpcMode === 'host' || host.PidMode === 'host' || host.Privileged;
  const hasLabel = (host.SecurityOpt ?? []).some((option) => option.startsWith('label'));
  return {
    ...host,
    RestartPolicy: { ...host.RestartPolicy, Name: host.RestartPolicy.Name === '' ? 'no' : host.RestartPolicy.Name },
    MemorySwap: host.Memory > 0 && host.MemorySwap === 0 ? host.Memory * 2 : host.MemorySwap,
    MemorySwappiness: host.MemorySwappiness === -1 ? null : host.MemorySwappiness,
    ShmSize: host.ShmSize === 0 ? defaults.shmSizeBytes : host.ShmSize,
    IpcMode: host.IpcMode === '' ? defaults.ipc : byId(host.IpcMode, find),
    PidMode: byId(host.PidMode, find),
    NetworkMode: byId(host.NetworkMode, find),
    CgroupnsMode: host.CgroupnsMode === '' ? cgroupDefault : host.CgroupnsMode,
    SecurityOpt: sharesProcesses && !hasLabel ? [...(host.SecurityOpt ?? []), 'label=disable'] : host.SecurityOpt,
    OomKillDisable: facts.cgroupVersion === 2 ? null : (host.OomKillDisable ?? false),
    LogConfig: withLogDefaults(host.LogConfig, defaults),
    Ulimits: withUlimits(host.Ulimits, defaults),
    Runtime: host.Runtime ?? (defaults.runtime === '' ? facts.runtime.name : defaults.runtime),
    MaskedPaths: host.MaskedPaths ?? (host.Privileged ? null : MASKED_PATHS),
    ReadonlyPaths: host.ReadonlyPaths ?? (host.Privileged ? null : READONLY_PATHS),
    Links: (host.Links ?? []).length === 0 ? null : host.Links,
    BlkioWeight: facts.hasBlockWeights ? host.BlkioWeight : 0,
    BlkioWeightDevice: facts.hasBlockWeights || (host.BlkioWeightDevice ?? []).length === 0 ? host.BlkioWeightDevice : [],
    CpuPercent: 0,
  };
}
