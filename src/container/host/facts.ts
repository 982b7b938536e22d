/** An OCI runtime of the host. */
export interface Runtime {
  readonly name: 'crun' | 'runc';
  readonly path: string;
  readonly version: string;
}

/** What the machine is, looked at once when the daemon starts. */
export interface HostFacts {
  readonly hostname: string;
  readonly kernelVersion: string;
  /** As /etc/os-release spells it: `Debian GNU/Linux 12 (bookworm)`. */
  readonly operatingSystem: string;
  readonly osVersion: string;
  /** As the kernel spells it: `x86_64`, `aarch64`. */
  readonly machine: string;
  /** As Go and the OCI spell it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly cpus: number;
  /** Nodes of memory, as NUMA counts them. */
  readonly memoryNodes: number;
  readonly memoryBytes: number;
  readonly cgroupVersion: 1 | 2;
  readonly bootId: string;
  /** Of containers that name none. */
  readonly runtime: Runtime;
  /** All that are installed, that one among them. */
  readonly runtimes: readonly Runtime[];
  readonly monitorVersion: string;
  readonly hasIpv6: boolean;
  /** Whether the scheduler of block devices knows weights. */
  readonly hasBlockWeights: boolean;
  /** What this process may hand on at most, bit by bit as capabilities(7) numbers them. Absent: every capability. */
  readonly capabilityBits?: bigint;
}
