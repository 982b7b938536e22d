import { GantryError, messageOf } from '#base/error.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import { invalid } from '../status-error.ts';
import type { ContainerConfig, CreateBody, HostConfig, StringMap } from './create-body.ts';
import { isCdiName, parseByteRate, parseDevice, parseDeviceWeight, parseGpus, parseOperationRate, parseUlimit } from './device.ts';
import { lowerHealth } from './health.ts';
import { parseKeyValueFile } from './key-value-file.ts';
import { lowerMount } from './mount.ts';
import { lowerNetworks } from './network.ts';
import { lowerPorts, type LoweredPorts } from './ports.ts';
import { lowerSecurity } from './security.ts';
import { parseNanoCpus, parseSize, parseSwapSize } from './size.ts';
import { cut, listOrNull, toMap } from './split.ts';
import { checkMac, lowerEnv, parseRestartPolicy } from './values.ts';
import { lowerVolumes, type LoweredVolumes } from './volumes.ts';
import type { LowerWorld } from './world.ts';

/** Rows and columns of the caller's terminal, zeros without one. */
export type ConsoleSize = readonly [number, number];

/** The flags and operands of `run` or `create` as the request that docker's own client sends. */
export function lowerCreate(args: ParsedArgs, world: LowerWorld, consoleSize: ConsoleSize): CreateBody {
  checkModes(args);
  const volumes = lowerVolumes(args.list('volume'), world.cwd);
  const ports = lowerPorts(args.list('publish'), args.list('expose'));
  const networks = lowerNetworks(args);
  const body = {
    ...lowerConfig(args, world, ports, volumes),
    HostConfig: lowerHostConfig(args, world, { ports, volumes, mode: networks.mode, consoleSize }),
    NetworkingConfig: { EndpointsConfig: networks.endpoints },
  };
  if (body.HostConfig.AutoRemove && !['no', ''].includes(body.HostConfig.RestartPolicy.Name)) {
    throw invalid('conflicting options: cannot specify both --restart and --rm');
  }
  return body;
}

function checkModes(args: ParsedArgs): void {
  if (args.string('mac-address') !== '') checkMac(args.string('mac-address'));
  const swappiness = args.int('memory-swappiness');
  if (swappiness < -1 || swappiness > 100) throw invalid(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  if (!/^(|host|container:.+)$/.test(args.string('pid'))) throw invalid('--pid: invalid PID mode');
  if (!['', 'host'].includes(args.string('uts'))) throw invalid('--uts: invalid UTS mode');
  if (!['', 'host'].includes(args.string('userns'))) throw invalid('--userns: invalid USER mode');
  if (!['', 'host', 'private'].includes(args.string('cgroupns'))) throw invalid('--cgroupns: invalid CGROUP mode');
}

function lowerConfig(args: ParsedArgs, world: LowerWorld, ports: LoweredPorts, volumes: LoweredVolumes): ContainerConfig {
  const attach = args.list('attach');
  const all = attach.length === 0;
  const stdin = args.bool('interactive') || attach.includes('stdin');
  const command = args.operands.slice(1);
  const health = lowerHealth(args);
  const entrypoint = args.changed('entrypoint') ? [args.string('entrypoint')] : null;
  return {
    Hostname: args.string('hostname'),
    Domainname: args.string('domainname'),
    User: args.string('user'),
    AttachStdin: stdin,
    AttachStdout: all || attach.includes('stdout'),
    AttachStderr: all || attach.includes('stderr'),
    ...(Object.keys(ports.exposed).length === 0 ? {} : { ExposedPorts: ports.exposed }),
    Tty: args.bool('tty'),
    OpenStdin: args.bool('interactive'),
    StdinOnce: args.bool('interactive') && stdin,
    Env: listOrNull([...files(args.list('env-file'), world, world.env), ...lowerEnv(args.list('env'), world)]),
    Cmd: listOrNull(command),
    ...(health === undefined ? {} : { Healthcheck: health }),
    Image: args.operand(0),
    Volumes: volumes.volumes,
    WorkingDir: args.string('workdir'),
    Entrypoint: entrypoint,
    OnBuild: null,
    Labels: toMap([...files(args.list('label-file'), world, () => undefined), ...args.list('label')]),
    ...(args.string('stop-signal') === '' ? {} : { StopSignal: args.string('stop-signal') }),
    ...(args.changed('stop-timeout') ? { StopTimeout: args.int('stop-timeout') } : {}),
  };
}

interface HostParts {
  readonly ports: LoweredPorts;
  readonly volumes: LoweredVolumes;
  readonly mode: string;
  readonly consoleSize: ConsoleSize;
}

function lowerHostConfig(args: ParsedArgs, world: LowerWorld, parts: HostParts): HostConfig {
  const security = lowerSecurity(args.list('security-opt'), world);
  const mounts = args.list('mount').map((text) => lowerMount(text, world.cwd));
  return {
    Binds: listOrNull(parts.volumes.binds),
    ContainerIDFile: args.string('cidfile'),
    LogConfig: { Type: args.string('log-driver'), Config: lowerLogOptions(args) },
    NetworkMode: parts.mode,
    PortBindings: parts.ports.bindings,
    RestartPolicy: parseRestartPolicy(args.string('restart')),
    AutoRemove: args.bool('rm'),
    VolumeDriver: args.string('volume-driver'),
    VolumesFrom: listOrNull(args.list('volumes-from')),
    ConsoleSize: parts.consoleSize,
    ...mapOrNothing('Annotations', toMap(args.list('annotation'))),
    CapAdd: listOrNull(lowerCapabilities(args.list('cap-add'))),
    CapDrop: listOrNull(lowerCapabilities(args.list('cap-drop'))),
    CgroupnsMode: args.string('cgroupns'),
    Dns: args.list('dns'),
    DnsOptions: args.list('dns-option'),
    DnsSearch: args.list('dns-search'),
    ExtraHosts: listOrNull(args.list('add-host')),
    GroupAdd: listOrNull(args.list('group-add')),
    IpcMode: args.string('ipc'),
    Cgroup: '',
    Links: listOrNull(args.list('link')),
    OomScoreAdj: args.int('oom-score-adj'),
    PidMode: args.string('pid'),
    Privileged: args.bool('privileged'),
    PublishAllPorts: args.bool('publish-all'),
    ReadonlyRootfs: args.bool('read-only'),
    SecurityOpt: args.changed('security-opt') ? security.options : null,
    ...mapOrNothing('StorageOpt', lowerStorageOptions(args)),
    ...mapOrNothing('Tmpfs', lowerTmpfs(args)),
    UTSMode: args.string('uts'),
    UsernsMode: args.string('userns'),
    ShmSize: sizeOf(args, 'shm-size'),
    ...mapOrNothing('Sysctls', toMap(args.list('sysctl'))),
    ...(args.string('runtime') === '' ? {} : { Runtime: args.string('runtime') }),
    Isolation: args.string('isolation'),
    ...lowerResources(args),
    ...(mounts.length === 0 ? {} : { Mounts: mounts }),
    MaskedPaths: security.unconfinedPaths ? [] : null,
    ReadonlyPaths: security.unconfinedPaths ? [] : null,
    ...(args.changed('init') ? { Init: args.bool('init') } : {}),
  };
}

function lowerResources(args: ParsedArgs) {
  return {
    CpuShares: args.int('cpu-shares'),
    Memory: sizeOf(args, 'memory'),
    NanoCpus: args.changed('cpus') ? parseNanoCpus(args.string('cpus')) : 0,
    CgroupParent: args.string('cgroup-parent'),
    BlkioWeight: args.int('blkio-weight'),
    BlkioWeightDevice: args.list('blkio-weight-device').map(parseDeviceWeight),
    BlkioDeviceReadBps: args.list('device-read-bps').map(parseByteRate),
    BlkioDeviceWriteBps: args.list('device-write-bps').map(parseByteRate),
    BlkioDeviceReadIOps: args.list('device-read-iops').map(parseOperationRate),
    BlkioDeviceWriteIOps: args.list('device-write-iops').map(parseOperationRate),
    CpuPeriod: args.int('cpu-period'),
    CpuQuota: args.int('cpu-quota'),
    CpuRealtimePeriod: args.int('cpu-rt-period'),
    CpuRealtimeRuntime: args.int('cpu-rt-runtime'),
    CpusetCpus: args.string('cpuset-cpus'),
    CpusetMems: args.string('cpuset-mems'),
    Devices: args.list('device').filter((text) => !isCdiName(text)).map(parseDevice),
    DeviceCgroupRules: listOrNull(args.list('device-cgroup-rule')),
    DeviceRequests: lowerDeviceRequests(args),
    MemoryReservation: sizeOf(args, 'memory-reservation'),
    MemorySwap: args.changed('memory-swap') ? parseSwapSize(args.string('memory-swap')) : 0,
    MemorySwappiness: args.int('memory-swappiness'),
    OomKillDisable: args.bool('oom-kill-disable'),
    PidsLimit: args.int('pids-limit'),
    Ulimits: lowerUlimits(args),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  } satisfies Partial<HostConfig>;
}

/** `net_admin` as `CAP_NET_ADMIN`, once each and sorted. */
function lowerCapabilities(names: readonly string[]): readonly string[] {
  const full = names.map((name) => name.toUpperCase()).map((name) => (name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`));
  return [...new Set(full)].toSorted();
}

function lowerUlimits(args: ParsedArgs): HostConfig['Ulimits'] {
  const byName = new Map(args.list('ulimit').map(parseUlimit).map((limit) => [limit.Name, limit]));
  return [...byName.values()].toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
}

function lowerDeviceRequests(args: ParsedArgs): HostConfig['DeviceRequests'] {
  const cdi = args.list('device').filter(isCdiName);
  return listOrNull([
    ...args.list('gpus').map(parseGpus),
    ...(cdi.length === 0 ? [] : [{ Driver: 'cdi', Count: 0, DeviceIDs: cdi, Capabilities: null, Options: null }]),
  ]);
}

function lowerLogOptions(args: ParsedArgs): StringMap {
  const driver = args.string('log-driver');
  const options = args.list('log-opt');
  if (driver === 'none' && options.length > 0) throw invalid(`invalid logging opts for driver ${driver}`);
  return toMap(options);
}

function lowerStorageOptions(args: ParsedArgs): StringMap {
  const options = args.list('storage-opt');
  if (options.some((option) => !option.includes('='))) throw invalid('invalid storage option');
  return toMap(options);
}

function lowerTmpfs(args: ParsedArgs): StringMap {
  return Object.fromEntries(args.list('tmpfs').map((text) => {
    const [path, options] = cut(text, ':');
    return [path, options ?? ''];
  }));
}

function files(paths: readonly string[], world: LowerWorld, lookup: (key: string) => string | undefined): readonly string[] {
  return paths.flatMap((path) => {
    try {
      return parseKeyValueFile(world.readFile(path), path, lookup);
    } catch (error) {
      if (error instanceof GantryError) throw error;
      throw new GantryError('invalid', messageOf(error), { cause: error });
    }
  });
}

function sizeOf(args: ParsedArgs, flag: string): number {
  return args.changed(flag) ? parseSize(args.string(flag)) : 0;
}

function mapOrNothing<K extends string>(key: K, map: StringMap): { readonly [P in K]?: StringMap } {
  return Object.keys(map).length === 0 ? {} : ({ [key]: map } as { readonly [P in K]: StringMap });
}
