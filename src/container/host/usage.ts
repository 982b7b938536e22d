/** What a container has used up to now, and holds at present. A field is absent where the machine doesn't count it. */
export interface ContainerUsage {
  readonly memory?: MemoryUsage;
  readonly cpu?: CpuUsage;
  readonly processes?: { readonly current: number; readonly limit?: number };
  readonly blockIo: readonly BlockIoUsage[];
  /** By interface, less the loopback; absent for a container without a network of its own. */
  readonly networks?: ReadonlyMap<string, LinkUsage>;
  readonly machine: MachineUsage;
}

/** Bytes, but for the counter. */
export interface MemoryUsage {
  readonly usage: number;
  readonly peak?: number;
  /** Absent: no limit. */
  readonly limit?: number;
  readonly limitHits: number;
  /** Lines of memory.stat, as the kernel's version of control groups names them. */
  readonly details: ReadonlyMap<string, number>;
}

/** Nanoseconds, but for the counters. */
export interface CpuUsage {
  readonly usageNs: number;
  readonly userNs: number;
  readonly systemNs: number;
  /** CPU by CPU; cgroup v1 only. */
  readonly perCpuNs?: readonly number[];
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly throttledNs: number;
}

/** Transfers with one device. */
export interface BlockIoUsage {
  readonly major: number;
  readonly minor: number;
  readonly bytes: Transfers;
  readonly operations: Transfers;
}

export interface Transfers {
  readonly read: number;
  readonly write: number;
  readonly discard: number;
  /** cgroup v1 also counts those that were waited for. */
  readonly sync?: number;
  readonly async?: number;
}

export interface LinkUsage {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly receiveDrops: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
  readonly sendDrops: number;
}

/** All CPUs together since the boot: what a container's time is a share of. */
export interface MachineUsage {
  readonly cpuNs: number;
  readonly cpus: number;
}

export interface UsageQuery {
  readonly cgroup: string;
  /** The process whose network is looked at; absent where that is not the container's own. */
  readonly networkOf?: { readonly pid: number; readonly startTime: string };
}
