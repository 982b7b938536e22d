import { formatTimeNs } from '#base/clock.ts';
import type { EngineInfo } from '#container/engine/port.ts';
import type { Container } from '#container/model/container.ts';
import type { CreateDefaults } from '../create-defaults.ts';
import { NEWEST_TEXT, OLDEST_TEXT, type ApiVersion } from '../version.ts';
import { STORAGE_DRIVER } from './container-inspect.ts';

export interface SystemCounts {
  readonly containers: readonly Container[];
  readonly images: number;
  readonly eventListeners: number;
}

/** `GET /version`. */
export function renderVersion({ facts }: EngineInfo, version: string) {
  const common = { Arch: facts.architecture, KernelVersion: facts.kernelVersion, MinAPIVersion: OLDEST_TEXT, Os: 'linux' };
  return {
    Platform: { Name: 'Gantry' },
    Components: [
      { Name: 'Engine', Version: version, Details: { ...common, ApiVersion: NEWEST_TEXT, BuildTime: '', Experimental: 'false', GitCommit: '', GoVersion: '' } },
      { Name: facts.runtime.name, Version: facts.runtime.version, Details: { GitCommit: '' } },
      { Name: 'conmon', Version: facts.monitorVersion, Details: { GitCommit: '' } },
    ],
    Version: version,
    ApiVersion: NEWEST_TEXT,
    GitCommit: '',
    GoVersion: '',
    ...common,
    BuildTime: '',
  };
}

function counts(containers: readonly Container[]) {
  const inPhase = (...phases: readonly string[]): number => containers.filter(({ state }) => phases.includes(state.phase)).length;
  const running = inPhase('running', 'restarting');
  const paused = inPhase('paused');
  return { Containers: containers.length, ContainersRunning: running, ContainersPaused: paused, ContainersStopped: containers.length - running - paused };
}

const REGISTRIES = {
  IndexConfigs: { 'docker.io': { Mirrors: [], Name: 'docker.io', Official: true, Secure: true } },
  InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
  Mirrors: null,
};

const NO_SWARM = { NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '', RemoteManagers: null };

function securityOptions({ seccomp, cgroupns, noNewPrivileges }: CreateDefaults): string[] {
  const profile = seccomp === '' ? 'builtin' : seccomp === 'unconfined' ? 'unconfined' : 'custom';
  return [`name=seccomp,profile=${profile}`, ...(cgroupns === 'host' ? [] : ['name=cgroupns']), ...(noNewPrivileges ? ['name=no-new-privileges'] : [])];
}

/** `GET /info`. */
export function renderInfo(engine: EngineInfo, known: SystemCounts, { nowNs, version, apiVersion, defaults }: { readonly nowNs: bigint; readonly version: string; readonly apiVersion: ApiVersion; readonly defaults: CreateDefaults }) {
  const { facts } = engine;
  return {
    ID: engine.id,
    ...counts(known.containers),
    Images: known.images,
    Driver: STORAGE_DRIVER,
    DriverStatus: [['Supports d_type', 'true'], ['Native Overlay Diff', 'true']],
    Plugins: { Volume: ['local'], Network: ['bridge', 'host', 'null'], Authorization: null, Log: ['journald', 'json-file', 'local', 'syslog'] },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    ...(apiVersion < 1050 ? { BridgeNfIptables: false, BridgeNfIp6tables: false } : {}),
    Debug: defaults.debug,
    NFd: 0,
    OomKillDisable: facts.cgroupVersion === 1,
    NGoroutines: 0,
    SystemTime: formatTimeNs(nowNs),
    LoggingDriver: defaults.logDriver,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: String(facts.cgroupVersion),
    NEventsListener: known.eventListeners,
    KernelVersion: facts.kernelVersion,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.osVersion,
    OSType: 'linux',
    Architecture: facts.machine,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: REGISTRIES,
    NCPU: facts.cpus,
    MemTotal: facts.memoryBytes,
    GenericResources: null,
    DockerRootDir: engine.root,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: facts.hostname,
    Labels: defaults.labels,
    ExperimentalBuild: false,
    ServerVersion: version,
    Runtimes: Object.fromEntries(facts.runtimes.map(({ name, path }) => [name, { path }])),
    DefaultRuntime: defaults.runtime === '' ? facts.runtime.name : defaults.runtime,
    Swarm: NO_SWARM,
    LiveRestoreEnabled: true,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: facts.runtime.version },
    InitCommit: { ID: '' },
    SecurityOptions: securityOptions(defaults),
    ...(apiVersion < 1049 ? {} : { FirewallBackend: { Driver: 'nftables' } }),
    CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
    Warnings: null,
  };
}
