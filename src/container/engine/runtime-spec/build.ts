import type { Json, JsonObject } from '#base/json.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { NamespaceMode } from '#container/model/sandbox.ts';
import { effectiveCapabilities } from './capabilities.ts';
import { containerEnv } from './env.ts';
import { ociMounts, type GeneratedFiles, type VolumePath } from './mounts.ts';
import { MASKED_PATHS, READONLY_PATHS } from './paths.ts';
import { ociResources, type BlockDevices, type DeviceRule } from './resources.ts';
import type { ResolvedUser } from './user.ts';

/** A device of the host as stat(2) found it. */
export interface ResolvedDevice {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly permissions: string;
}

/** Where the container sees the small init that `--init` asks for (Docker's place). */
const INIT_TARGET = '/sbin/docker-init';

export interface RuntimeSpecInput {
  readonly spec: ContainerSpec;
  readonly user: ResolvedUser;
  readonly rootfs: string;
  readonly cgroup: string;
  readonly files: GeneratedFiles;
  readonly volumePath: VolumePath;
  /** What was made ready for mounts, by target. */
  readonly prepared?: ReadonlyMap<string, string> | undefined;
  readonly devices: readonly ResolvedDevice[];
  readonly blockDevices: BlockDevices;
  /** Path of a static init on the host, where the container gets one. */
  readonly init?: string | undefined;
  /** Where another container's /dev/shm is found, to be shared. */
  readonly sharedMemory?: string | undefined;
  /** Path of the network namespace to join; undefined is the host's. */
  readonly networkNamespace: string | undefined;
  /** /proc/PID/ns of another container. */
  readonly namespacesOf: (container: string) => string;
  /** `linux.seccomp`, or the filter ready made; neither for unconfined. */
  readonly seccomp: { readonly profile?: JsonObject; readonly compiled?: string };
  /** HostFacts.capabilityBits. */
  readonly capabilityBits?: bigint | undefined;
}

function namespaces(input: RuntimeSpecInput): JsonObject[] {
  const { sandbox } = input.spec;
  const list: JsonObject[] = [{ type: 'mount' }];
  const add = (type: string, mode: NamespaceMode, file: string): void => {
    if (mode.kind === 'host') return;
    list.push(mode.kind === 'container' ? { type, path: `${input.namespacesOf(mode.id)}/${file}` } : { type });
  };
  add('pid', sandbox.pid, 'pid');
  add('ipc', sandbox.ipc, 'ipc');
  add('uts', sandbox.uts, 'uts');
  add('cgroup', sandbox.cgroup, 'cgroup');
  if (input.networkNamespace !== undefined) list.push({ type: 'network', path: input.networkNamespace });
  return list;
}

function linux(input: RuntimeSpecInput): JsonObject {
  const { spec } = input;
  const open = spec.security.privileged;
  const rules: DeviceRule[] = input.devices.map((device) => ({ allow: true, type: device.type, major: device.major, minor: device.minor, access: device.permissions }));
  return {
    cgroupsPath: input.cgroup,
    namespaces: namespaces(input),
    resources: ociResources(spec.resources, spec.security, rules, input.blockDevices),
    sysctl: input.spec.sandbox.sysctls,
    devices: input.devices.map((device) => ({ path: device.path, type: device.type, major: device.major, minor: device.minor, fileMode: device.mode, uid: device.uid, gid: device.gid })),
    maskedPaths: open ? [] : spec.security.maskedPaths ?? MASKED_PATHS,
    readonlyPaths: open ? [] : spec.security.readonlyPaths ?? READONLY_PATHS,
    ...(open || input.seccomp.profile === undefined ? {} : { seccomp: input.seccomp.profile }),
  };
}

export function ociProcess(spec: ContainerSpec, user: ResolvedUser, capabilityBits?: bigint): JsonObject {
  const capabilities = effectiveCapabilities(spec.security, capabilityBits);
  const rlimits: Json[] = spec.ulimits.map((limit) => ({ type: `RLIMIT_${limit.name.toUpperCase()}`, soft: limit.soft, hard: limit.hard }));
  return {
    terminal: spec.process.terminal,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    args: spec.process.args,
    env: containerEnv(spec, user.home),
    cwd: spec.process.cwd === '' ? '/' : spec.process.cwd,
    // No inheritable and no ambient capabilities: an unprivileged user's programs start with none (CVE-2022-24769).
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    rlimits,
    noNewPrivileges: spec.security.noNewPrivileges,
    oomScoreAdj: spec.oomScoreAdjust,
  };
}

/** The one function from specs to the OCI runtime spec 1.0. */
export function runtimeSpec(input: RuntimeSpecInput): JsonObject {
  const { spec } = input;
  const compiled = spec.security.privileged ? undefined : input.seccomp.compiled;
  const { init } = input;
  const process = ociProcess(spec, input.user, input.capabilityBits);
  const mounts = ociMounts(spec, input.files, { volumePath: input.volumePath, sharedMemory: input.sharedMemory, prepared: input.prepared });
  return {
    ociVersion: '1.0.2',
    hostname: spec.sandbox.uts.kind === 'private' ? spec.sandbox.hostname : '',
    ...(spec.sandbox.domainname === '' ? {} : { domainname: spec.sandbox.domainname }),
    root: { path: input.rootfs, readonly: spec.readonlyRootfs },
    process: init === undefined ? process : { ...process, args: [INIT_TARGET, '--', ...spec.process.args] },
    mounts: [...mounts, ...(init === undefined ? [] : [{ destination: INIT_TARGET, type: 'bind', source: init, options: ['bind', 'ro'] }])].map((mount) => ({ ...mount })),
    linux: linux(input),
    ...(compiled === undefined ? {} : { annotations: { 'run.oci.seccomp_bpf_data': compiled } }),
  };
}

