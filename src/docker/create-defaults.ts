/** What the operator has set for containers whose request says nothing. */
export interface CreateDefaults {
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly ulimits: readonly { readonly Name: string; readonly Hard: number; readonly Soft: number }[];
  readonly shmSizeBytes: number;
  /** Empty: the engine's own. */
  readonly runtime: string;
  /** Empty: private, but the host's for a privileged container on cgroup v1. */
  readonly cgroupns: '' | 'host' | 'private';
  readonly ipc: 'private' | 'shareable';
  readonly init: boolean;
  readonly cgroupParent: string;
  readonly noNewPrivileges: boolean;
  /** As the value of `--security-opt seccomp=`: empty is the engine's own profile. */
  readonly seccomp: string;
  readonly dns: { readonly servers: readonly string[]; readonly search: readonly string[]; readonly options: readonly string[] };
  /** What `host-gateway` stands for; empty: the default bridge's address. */
  readonly hostGateway: string;
  /** Labels of the engine, told by `docker info`. */
  readonly labels: readonly string[];
  readonly debug: boolean;
}

export const CREATE_DEFAULTS: CreateDefaults = {
  logDriver: 'json-file', logOptions: {}, ulimits: [], shmSizeBytes: 64 * 1024 * 1024, runtime: '', cgroupns: '', ipc: 'private', init: false, cgroupParent: '', noNewPrivileges: false,
  seccomp: '', dns: { servers: [], search: [], options: [] }, hostGateway: '', labels: [], debug: false,
};
