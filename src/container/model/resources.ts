/** Limits of a container; an absent one is no limit. */
export interface Resources {
  readonly memoryBytes?: number;
  readonly memoryReservationBytes?: number;
  /** Memory and swap together; -1 is unlimited swap. */
  readonly memorySwapBytes?: number;
  readonly memorySwappiness?: number;
  readonly oomKillDisable?: boolean;
  /** Billionths of a CPU: 1.5 CPUs are 1_500_000_000. */
  readonly nanoCpus?: number;
  readonly cpuShares?: number;
  readonly cpuPeriodUs?: number;
  readonly cpuQuotaUs?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 is unlimited; absent is the engine's own bound. */
  readonly pidsLimit?: number;
  readonly blkioWeight?: number;
  readonly blkioWeightDevices?: readonly BlockDeviceLimit[];
  /** Bytes a second. */
  readonly blkioReadBps?: readonly BlockDeviceLimit[];
  readonly blkioWriteBps?: readonly BlockDeviceLimit[];
  /** Operations a second. */
  readonly blkioReadIops?: readonly BlockDeviceLimit[];
  readonly blkioWriteIops?: readonly BlockDeviceLimit[];
}

/** A limit of one block device of the host: a rate or a weight. */
export interface BlockDeviceLimit {
  readonly path: string;
  readonly value: number;
}

export interface Ulimit {
  /** Lower case and without `RLIMIT_`, as `nofile`. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What is asked of a driver of devices: so many, or those named, that can do all of one of the lists. */
export interface DriverRequest {
  /** `cdi`, `nvidia`; empty: any that can. */
  readonly driver: string;
  /** -1 is all. */
  readonly count: number;
  readonly ids: readonly string[];
  readonly capabilities: readonly (readonly string[])[];
  readonly options: Readonly<Record<string, string>>;
}

export interface DeviceRequest {
  /** A device, or a directory: then all devices below it. */
  readonly hostPath: string;
  readonly containerPath: string;
  /** Letters of `rwm`. */
  readonly permissions: string;
}
