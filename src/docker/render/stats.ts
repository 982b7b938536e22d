import { formatTimeNs } from '#base/clock.ts';
import type { BlockIoUsage, ContainerUsage, CpuUsage, LinkUsage, Transfers } from '#container/host/usage.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';

/** One look at a container; a container that rests uses nothing. */
export interface StatsSample {
  readonly readNs: bigint;
  readonly usage: ContainerUsage | undefined;
}

const NEVER = '0001-01-01T00:00:00Z';
const NO_CPU = { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 } };

function renderCpu(cpu: CpuUsage | undefined, { machine }: ContainerUsage) {
  if (cpu === undefined) return NO_CPU;
  return {
    cpu_usage: {
      total_usage: cpu.usageNs, ...(cpu.perCpuNs === undefined ? {} : { percpu_usage: cpu.perCpuNs }),
      usage_in_kernelmode: cpu.systemNs, usage_in_usermode: cpu.userNs,
    },
    system_cpu_usage: machine.cpuNs,
    online_cpus: machine.cpus,
    throttling_data: { periods: cpu.periods, throttled_periods: cpu.throttledPeriods, throttled_time: cpu.throttledNs },
  };
}

function renderMemory({ memory }: ContainerUsage, hostBytes: number) {
  if (memory === undefined) return {};
  const { usage, peak, limit, limitHits, details } = memory;
  return {
    usage,
    ...(peak === undefined ? {} : { max_usage: peak }),
    stats: Object.fromEntries(details),
    ...(limitHits === 0 ? {} : { failcnt: limitHits }),
    // Without a limit there is the machine's.
    limit: Math.min(limit ?? hostBytes, hostBytes),
  };
}

const OPERATIONS: readonly [keyof Transfers, string][] = [['read', 'read'], ['write', 'write'], ['sync', 'sync'], ['async', 'async'], ['discard', 'discard']];

function renderTransfers(devices: readonly BlockIoUsage[], of: 'bytes' | 'operations') {
  return devices.flatMap(({ major, minor, [of]: transfers }) => [
    ...OPERATIONS.flatMap(([field, op]) => (transfers[field] === undefined ? [] : [{ major, minor, op, value: transfers[field] }])),
    { major, minor, op: 'total', value: transfers.read + transfers.write + transfers.discard },
  ]);
}

function renderBlockIo(devices: readonly BlockIoUsage[] | undefined) {
  const nothing = devices === undefined ? null : [];
  return {
    io_service_bytes_recursive: devices === undefined ? null : renderTransfers(devices, 'bytes'),
    io_serviced_recursive: devices === undefined ? null : renderTransfers(devices, 'operations'),
    io_queue_recursive: nothing,
    io_service_time_recursive: nothing,
    io_wait_time_recursive: nothing,
    io_merged_recursive: nothing,
    io_time_recursive: nothing,
    sectors_recursive: nothing,
  };
}

function renderLink(link: LinkUsage) {
  return {
    rx_bytes: link.receivedBytes, rx_packets: link.receivedPackets, rx_errors: link.receiveErrors, rx_dropped: link.receiveDrops,
    tx_bytes: link.sentBytes, tx_packets: link.sentPackets, tx_errors: link.sendErrors, tx_dropped: link.sendDrops,
  };
}

/** One object of `GET /containers/{id}/stats`. @param before the sample that shares of the CPU are counted from */
export function renderStats(spec: ContainerSpec, { usage, readNs }: StatsSample, before: StatsSample | undefined, hostBytes: number) {
  const { processes, networks } = usage ?? {};
  return {
    name: `/${spec.name}`,
    id: spec.id,
    read: usage === undefined ? NEVER : formatTimeNs(readNs),
    preread: before?.usage === undefined ? NEVER : formatTimeNs(before.readNs),
    pids_stats: processes === undefined ? {} : { current: processes.current, ...(processes.limit === undefined ? {} : { limit: processes.limit }) },
    blkio_stats: renderBlockIo(usage?.blockIo),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: usage === undefined ? NO_CPU : renderCpu(usage.cpu, usage),
    precpu_stats: before?.usage === undefined ? NO_CPU : renderCpu(before.usage.cpu, before.usage),
    memory_stats: usage === undefined ? {} : renderMemory(usage, hostBytes),
    ...(networks === undefined ? {} : { networks: Object.fromEntries([...networks].map(([name, link]) => [name, renderLink(link)])) }),
  };
}
