import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockIoUsage, CpuUsage, MemoryUsage } from '../../usage.ts';
import { parseIoStat, parseThrottleFiles } from './block-io.ts';
import type { CgroupLayout } from './cgroup-layout.ts';
import { errnoOf } from './system-error.ts';

/** What a control group uses. Absent fields: the controller is not mounted or not enabled for the group. */
export interface CgroupStats {
  readonly memory?: MemoryStats;
  readonly cpu?: CpuUsage;
  readonly pids?: PidsStats;
  readonly blockIo?: readonly BlockIoUsage[];
}

export interface MemoryStats extends MemoryUsage {
  /** Page cache that can go at once; `docker stats` shows usage without it. */
  readonly inactiveFile: number;
  readonly oomKills: number;
}

export interface PidsStats {
  readonly current: number;
  /** Undefined: no limit. */
  readonly limit?: number;
}

/** `path` as in /proc/PID/cgroup. A group that is gone has no fields. */
export function readCgroupStats(layout: CgroupLayout, path: string): CgroupStats {
  const read = layout.version === 'v2' ? readV2(join(layout.root, path)) : readV1(layout, path);
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/**
 * How many processes of the group were killed for want of memory; undefined if the group is gone. One file instead of all
 * of them: memory.stat makes the kernel sum up every CPU, and the exit of a container waits for this.
 */
export function readOomKills(layout: CgroupLayout, path: string): number | undefined {
  const text = layout.version === 'v2' ? readIfThere(join(layout.root, path, 'memory.events')) : readV1File(layout, path, 'memory', 'memory.oom_control');
  return text === undefined ? undefined : parseFlat(text).get('oom_kill') ?? 0;
}

/** Lines of `name number`. */
export function parseFlat(text: string): ReadonlyMap<string, number> {
  return new Map(text.split('\n').flatMap((line) => {
    const [name, value] = line.split(' ');
    return name === undefined || value === undefined ? [] : [[name, Number(value)] as const];
  }));
}

/** v1 writes "no limit" as the largest multiple of the page size; `max` is v2's word. */
export function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === 'max') return undefined;
  const value = Number(text);
  return value >= 2 ** 62 ? undefined : value;
}

type Partly<T> = { readonly [K in keyof T]: T[K] | undefined };

function readV2(directory: string): Partly<CgroupStats> {
  const file = (name: string): string | undefined => readIfThere(join(directory, name));
  const usage = file('memory.current');
  const cpu = parseFlat(file('cpu.stat') ?? '');
  const pids = file('pids.current');
  const events = parseFlat(file('memory.events') ?? '');
  return {
    memory: usage === undefined ? undefined : memoryStats({
      usage, peak: file('memory.peak'), limit: file('memory.max'), details: parseFlat(file('memory.stat') ?? ''),
      inactive: 'inactive_file', limitHits: events.get('max') ?? 0, oomKills: events.get('oom_kill') ?? 0,
    }),
    cpu: cpu.size === 0 ? undefined : {
      usageNs: (cpu.get('usage_usec') ?? 0) * 1000,
      userNs: (cpu.get('user_usec') ?? 0) * 1000,
      systemNs: (cpu.get('system_usec') ?? 0) * 1000,
      periods: cpu.get('nr_periods') ?? 0,
      throttledPeriods: cpu.get('nr_throttled') ?? 0,
      throttledNs: (cpu.get('throttled_usec') ?? 0) * 1000,
    },
    pids: pids === undefined ? undefined : pidsStats(pids, file('pids.max')),
    blockIo: parseIoStat(file('io.stat')),
  };
}

function readV1File(layout: Exclude<CgroupLayout, { version: 'v2' }>, path: string, controller: string, name: string): string | undefined {
  const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
  return hierarchy === undefined ? undefined : readIfThere(join(hierarchy.root, path, name));
}

function readV1(layout: Exclude<CgroupLayout, { version: 'v2' }>, path: string): Partly<CgroupStats> {
  const file = (controller: string, name: string): string | undefined => readV1File(layout, path, controller, name);
  const usage = file('memory', 'memory.usage_in_bytes');
  const cpuUsage = file('cpuacct', 'cpuacct.usage');
  const throttling = parseFlat(file('cpu', 'cpu.stat') ?? '');
  const pids = file('pids', 'pids.current');
  return {
    memory: usage === undefined ? undefined : memoryStats({
      usage, peak: file('memory', 'memory.max_usage_in_bytes'), limit: file('memory', 'memory.limit_in_bytes'),
      details: parseFlat(file('memory', 'memory.stat') ?? ''), inactive: 'total_inactive_file',
      limitHits: Number(file('memory', 'memory.failcnt') ?? 0),
      oomKills: parseFlat(file('memory', 'memory.oom_control') ?? '').get('oom_kill') ?? 0,
    }),
    cpu: cpuUsage === undefined ? undefined : {
      usageNs: Number(cpuUsage),
      userNs: Number(file('cpuacct', 'cpuacct.usage_user') ?? 0),
      systemNs: Number(file('cpuacct', 'cpuacct.usage_sys') ?? 0),
      ...perCpu(file('cpuacct', 'cpuacct.usage_percpu')),
      periods: throttling.get('nr_periods') ?? 0,
      throttledPeriods: throttling.get('nr_throttled') ?? 0,
      throttledNs: throttling.get('throttled_time') ?? 0,
    },
    pids: pids === undefined ? undefined : pidsStats(pids, file('pids', 'pids.max')),
    blockIo: parseThrottleFiles(file('blkio', 'blkio.throttle.io_service_bytes_recursive'), file('blkio', 'blkio.throttle.io_serviced_recursive')),
  };
}

function perCpu(text: string | undefined): { perCpuNs?: readonly number[] } {
  return text === undefined ? {} : { perCpuNs: text.trim().split(/\s+/).map(Number) };
}

interface RawMemory {
  readonly usage: string;
  readonly peak: string | undefined;
  readonly limit: string | undefined;
  readonly details: ReadonlyMap<string, number>;
  readonly inactive: string;
  readonly limitHits: number;
  readonly oomKills: number;
}

function memoryStats(raw: RawMemory): MemoryStats {
  const limit = parseLimit(raw.limit);
  return {
    usage: Number(raw.usage),
    ...(raw.peak === undefined ? {} : { peak: Number(raw.peak) }),
    ...(limit === undefined ? {} : { limit }),
    inactiveFile: raw.details.get(raw.inactive) ?? 0,
    details: raw.details,
    limitHits: raw.limitHits,
    oomKills: raw.oomKills,
  };
}

function pidsStats(current: string, max: string | undefined): PidsStats {
  const limit = parseLimit(max);
  return { current: Number(current), ...(limit === undefined ? {} : { limit }) };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = errnoOf(thrown);
    // ENODEV: the group was removed between open and read.
    if (code === 'ENOENT' || code === 'ENODEV') return undefined;
    throw thrown;
  }
}
