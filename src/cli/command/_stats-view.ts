import { shortId } from '../print/short.ts';
import { formatBinarySize, formatDecimalSize } from '#base/units.ts';
import { viewType, type View } from '../template/value.ts';

interface CpuStats {
  readonly cpu_usage?: { readonly total_usage?: number; readonly percpu_usage?: readonly number[] | null };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** GET /containers/{id}/stats. */
export interface ContainerStats {
  readonly id?: string;
  readonly name?: string;
  readonly cpu_stats?: CpuStats;
  readonly precpu_stats?: CpuStats;
  readonly memory_stats?: { readonly usage?: number; readonly limit?: number; readonly stats?: Readonly<Record<string, number>> };
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>;
  readonly blkio_stats?: { readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null };
  readonly pids_stats?: { readonly current?: number };
}

export const statsHeader = {
  Container: 'CONTAINER', Name: 'NAME', ID: 'CONTAINER ID', CPUPerc: 'CPU %', MemUsage: 'MEM USAGE / LIMIT', MemPerc: 'MEM %', NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O', PIDs: 'PIDS',
};

export function statsView(container: string, stats: ContainerStats, truncate: boolean): View {
  const memory = memoryInUse(stats);
  const limit = stats.memory_stats?.limit ?? 0;
  const networks = Object.values(stats.networks ?? {});
  const received = networks.reduce((total, { rx_bytes }) => total + rx_bytes, 0);
  const sent = networks.reduce((total, { tx_bytes }) => total + tx_bytes, 0);
  return {
    [viewType]: '*container.statsContext',
    Container: container,
    Name: (stats.name ?? '').length > 1 ? (stats.name ?? '').slice(1) : '--',
    ID: truncate ? shortId(stats.id ?? '') : (stats.id ?? ''),
    CPUPerc: percent(cpuShare(stats)),
    MemUsage: `${formatBinarySize(memory)} / ${formatBinarySize(limit)}`,
    MemPerc: percent(limit === 0 ? 0 : memory / limit),
    NetIO: `${formatDecimalSize(received, 3)} / ${formatDecimalSize(sent, 3)}`,
    BlockIO: `${formatDecimalSize(blockBytes(stats, 'r'), 3)} / ${formatDecimalSize(blockBytes(stats, 'w'), 3)}`,
    PIDs: String(stats.pids_stats?.current ?? 0),
  };
}

/** The part of all CPUs since the sample before, where one whole CPU is 1. */
function cpuShare({ cpu_stats: now = {}, precpu_stats: before = {} }: ContainerStats): number {
  const own = (now.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0);
  const whole = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || (now.cpu_usage?.percpu_usage?.length ?? 0);
  return own > 0 && whole > 0 ? (own / whole) * cpus : 0;
}

/** Without the page cache that the kernel can drop: `total_inactive_file` of cgroup v1, `inactive_file` of v2. */
function memoryInUse({ memory_stats: memory = {} }: ContainerStats): number {
  const usage = memory.usage ?? 0;
  const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file'] ?? 0;
  return cache < usage ? usage - cache : usage;
}

function blockBytes(stats: ContainerStats, letter: 'r' | 'w'): number {
  const entries = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  return entries.filter(({ op }) => op.toLowerCase().startsWith(letter)).reduce((total, { value }) => total + value, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
