import type { JsonObject } from '#base/json.ts';
import type { ContainerId, ImageId } from './ids.ts';
import type { Mount } from './mount.ts';
import type { Probe, UnhealthyAction } from './probe.ts';
import type { DeviceRequest, DriverRequest, Resources, Ulimit } from './resources.ts';
import type { RestartPolicy } from './restart-policy.ts';
import type { SandboxSpec } from './sandbox.ts';

export interface ProcessSpec {
  /** The program and its arguments: entrypoint and command joined. */
  readonly args: readonly string[];
  /** `NAME=value`, image first, later ones win. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** `user[:group]`, names or numbers; empty is root. */
  readonly user: string;
  readonly groups: readonly string[];
  /** Whether the image's own /etc/group counts for the user. Absent: where no group is named beside it. */
  readonly imageGroups?: boolean;
  readonly terminal: boolean;
  readonly stdin: { readonly open: boolean; readonly once: boolean };
  /** Run a small init as PID 1 that reaps and forwards signals. */
  readonly init: boolean;
}

export interface SecuritySpec {
  readonly privileged: boolean;
  readonly capabilitiesAdd: readonly string[];
  readonly capabilitiesDrop: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly seccomp: { readonly kind: 'default' } | { readonly kind: 'unconfined' } | { readonly kind: 'profile'; readonly json: string };
  /** Absent: the default lists. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Absent: as privileged says. */
  readonly writableCgroups?: boolean;
  readonly devices: readonly DeviceRequest[];
  /** Devices that a driver picks when the container starts. */
  readonly deviceRequests?: readonly DriverRequest[];
  readonly deviceCgroupRules: readonly string[];
}

export interface StopSpec {
  /** A name or a number, as `SIGTERM` or `15`. */
  readonly signal: string;
  readonly timeoutSeconds: number;
}

export interface LogSpec {
  /** Where the log goes beside the files that the engine keeps: `journald` and `syslog` are sent on from them. */
  readonly driver: 'json-file' | 'local' | 'journald' | 'syslog' | 'none';
  readonly options: Readonly<Record<string, string>>;
  /** What stays on this host: at most so many files of about so many bytes, all but the newest compressed if so. Absent: one file without a bound. */
  readonly keep?: { readonly bytes: number; readonly files: number; readonly compress: boolean };
  /** What is kept is for sending on only. */
  readonly isUnreadable?: boolean;
}

/**
 * What was asked for, in no front's vocabulary. It never changes after create; `front` keeps the
 * request as the front got it, so that an inspect gives back what was sent.
 */
export interface ContainerSpec {
  readonly id: ContainerId;
  readonly name: string;
  readonly owner: { readonly front: 'docker' | 'cluster' | 'build'; readonly name: string };
  readonly image: { readonly reference: string; readonly id: ImageId };
  /** Chain ids, lowest first: a file system that no image has. Absent: the image's. */
  readonly layers?: readonly string[];
  readonly readonlyRootfs: boolean;
  readonly process: ProcessSpec;
  readonly security: SecuritySpec;
  readonly resources: Resources;
  readonly ulimits: readonly Ulimit[];
  readonly oomScoreAdjust: number;
  /** OCI runtime by name; absent: the host's default. */
  readonly runtime?: string;
  /** Absolute path of the control group that the container's own lies in; absent: the engine's. */
  readonly cgroupParent?: string;
  readonly mounts: readonly Mount[];
  readonly sandbox: SandboxSpec;
  readonly restart: RestartPolicy;
  readonly autoRemove: boolean;
  readonly stop: StopSpec;
  readonly logging: LogSpec;
  readonly probe?: Probe;
  /** Absent: as the engine does with all. */
  readonly onUnhealthy?: UnhealthyAction;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdNs: string;
  readonly front: JsonObject;
}
