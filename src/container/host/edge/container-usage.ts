import { readFileSync } from 'node:fs';
import type { ContainerUsage, LinkUsage, MachineUsage, UsageQuery } from '../usage.ts';
import { identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { readCgroupStats } from './linux/cgroup-stats.ts';
import { isAlive } from './linux/processes.ts';

/** sysconf(_SC_CLK_TCK) is 100 on every architecture that Linux has in use. */
const NS_PER_TICK = 10_000_000;
/** user, nice, system, idle, iowait, irq, softirq of a line of /proc/stat (proc_stat(5)), which is what Docker adds up. */
const CPU_FIELDS = 7;

export function readContainerUsage(context: HostContext, { cgroup, networkOf }: UsageQuery): ContainerUsage {
  const { memory, cpu, pids, blockIo = [] } = readCgroupStats(context.cgroups, cgroup);
  const networks = networkOf === undefined ? undefined : readNetworks(networkOf);
  return {
    blockIo, machine: parseMachineStat(readFileSync('/proc/stat', 'utf8')),
    ...(memory === undefined ? {} : { memory }), ...(cpu === undefined ? {} : { cpu }), ...(pids === undefined ? {} : { processes: pids }),
    ...(networks === undefined || networks.size === 0 ? {} : { networks }),
  };
}

export function parseMachineStat(text: string): MachineUsage {
  const lines = text.split('\n').filter((line) => line.startsWith('cpu'));
  const ticks = (lines[0] ?? '').trim().split(/\s+/).slice(1, 1 + CPU_FIELDS).reduce((sum, field) => sum + Number(field), 0);
  return { cpuNs: ticks * NS_PER_TICK, cpus: lines.length - 1 };
}

/** /proc/net/dev (proc_net(5)): two lines of titles, then `name: ` and sixteen numbers each. */
export function parseNetworkDevices(text: string): ReadonlyMap<string, LinkUsage> {
  return new Map(text.split('\n').slice(2).flatMap((line) => {
    const [name = '', numbers] = line.split(':');
    if (numbers === undefined || name.trim() === 'lo') return [];
    const at = numbers.trim().split(/\s+/).map(Number);
    const field = (index: number): number => at[index] ?? 0;
    return [[name.trim(), {
      receivedBytes: field(0), receivedPackets: field(1), receiveErrors: field(2), receiveDrops: field(3),
      sentBytes: field(8), sentPackets: field(9), sendErrors: field(10), sendDrops: field(11),
    }] as const];
  }));
}

/** Counted only where the process is still the one that was meant once the file has been read. */
function readNetworks(process: { readonly pid: number; readonly startTime: string }): ReadonlyMap<string, LinkUsage> | undefined {
  try {
    const text = readFileSync(`/proc/${process.pid}/net/dev`, 'utf8');
    return isAlive(identityOf(process)) ? parseNetworkDevices(text) : undefined;
  } catch {
    return undefined;
  }
}
