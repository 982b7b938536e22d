import { formatBinarySize } from '#base/units.ts';

type Pairs = readonly (readonly [string, string])[];

/** What `info` prints of GET /info. */
export interface ServerInfo {
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersPaused: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  readonly ServerVersion?: string;
  readonly Driver?: string;
  readonly DriverStatus?: Pairs | null;
  readonly LoggingDriver?: string;
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
  readonly Plugins?: { readonly Volume?: readonly string[] | null; readonly Network?: readonly string[] | null; readonly Log?: readonly string[] | null; readonly Authorization?: readonly string[] | null };
  readonly CDISpecDirs?: readonly string[] | null;
  readonly DiscoveredDevices?: readonly { readonly Source: string; readonly ID: string }[] | null;
  readonly Swarm?: { readonly LocalNodeState?: string };
  readonly Runtimes?: Readonly<Record<string, unknown>> | null;
  readonly DefaultRuntime?: string;
  readonly InitBinary?: string;
  readonly ContainerdCommit?: { readonly ID: string };
  readonly RuncCommit?: { readonly ID: string };
  readonly InitCommit?: { readonly ID: string };
  readonly SecurityOptions?: readonly string[] | null;
  readonly KernelVersion?: string;
  readonly OperatingSystem?: string;
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly Name?: string;
  readonly ID?: string;
  readonly DockerRootDir?: string;
  readonly Debug?: boolean;
  readonly NFd?: number;
  readonly NGoroutines?: number;
  readonly SystemTime?: string;
  readonly NEventsListener?: number;
  readonly HttpProxy?: string;
  readonly HttpsProxy?: string;
  readonly NoProxy?: string;
  readonly Labels?: readonly string[] | null;
  readonly ExperimentalBuild?: boolean;
  readonly RegistryConfig?: {
    readonly InsecureRegistryCIDRs?: readonly string[] | null;
    readonly IndexConfigs?: Readonly<Record<string, { readonly Name: string; readonly Secure: boolean }>> | null;
    readonly Mirrors?: readonly string[] | null;
  } | null;
  readonly LiveRestoreEnabled?: boolean;
  readonly ProductLicense?: string;
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[] | null;
  readonly Warnings?: readonly string[] | null;
}

/** The server's half of `info`, a line each. `debug` shows the daemon's inner counts. */
export function describeServer(info: ServerInfo, debug: boolean): readonly string[] {
  return [
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ...unlessEmpty('Server Version', info.ServerVersion),
    ...unlessEmpty('Storage Driver', info.Driver),
    ...(info.DriverStatus ?? []).map(([key, value]) => `  ${key}: ${value}`),
    ...unlessEmpty('Logging Driver', info.LoggingDriver),
    ...unlessEmpty('Cgroup Driver', info.CgroupDriver),
    ...unlessEmpty('Cgroup Version', info.CgroupVersion),
    ...describePlugins(info),
    ...block('CDI spec directories', info.CDISpecDirs ?? []),
    ...block('Discovered Devices', (info.DiscoveredDevices ?? []).map(({ Source, ID }) => `${Source}: ${ID}`)),
    ` Swarm: ${info.Swarm?.LocalNodeState ?? ''}`,
    ...describeRuntimes(info),
    ...describeMachine(info),
    ` Docker Root Dir: ${info.DockerRootDir ?? ''}`,
    ` Debug Mode: ${info.Debug ?? false}`,
    ...(info.Debug === true || debug ? describeCounts(info) : []),
    ...unlessEmpty('HTTP Proxy', info.HttpProxy),
    ...unlessEmpty('HTTPS Proxy', info.HttpsProxy),
    ...unlessEmpty('No Proxy', info.NoProxy),
    ...block('Labels', info.Labels ?? []),
    ` Experimental: ${info.ExperimentalBuild ?? false}`,
    ...describeRegistries(info),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled ?? false}`,
    ...unlessEmpty('Product License', info.ProductLicense),
    ...block('Default Address Pools', (info.DefaultAddressPools ?? []).map(({ Base, Size }) => ` Base: ${Base}, Size: ${Size}`)),
  ];
}

function describePlugins({ Plugins }: ServerInfo): readonly string[] {
  const names = (list: readonly string[] | null | undefined): string => (list ?? []).join(' ');
  const authorization = names(Plugins?.Authorization);
  return [
    ' Plugins:',
    `  Volume: ${names(Plugins?.Volume)}`,
    `  Network: ${names(Plugins?.Network)}`,
    ...(authorization === '' ? [] : [`  Authorization: ${authorization}`]),
    `  Log: ${names(Plugins?.Log)}`,
  ];
}

function describeRuntimes(info: ServerInfo): readonly string[] {
  const names = Object.keys(info.Runtimes ?? {});
  return names.length === 0 ? [] : [` Runtimes: ${names.join(' ')}`, ` Default Runtime: ${info.DefaultRuntime ?? ''}`];
}

function describeMachine(info: ServerInfo): readonly string[] {
  const linux = info.OSType !== 'linux' ? [] : [
    ` Init Binary: ${info.InitBinary ?? ''}`,
    ` containerd version: ${info.ContainerdCommit?.ID ?? ''}`,
    ` runc version: ${info.RuncCommit?.ID ?? ''}`,
    ` init version: ${info.InitCommit?.ID ?? ''}`,
    ...describeSecurity(info.SecurityOptions ?? []),
  ];
  return [
    ...linux,
    ...unlessEmpty('Kernel Version', info.KernelVersion),
    ...unlessEmpty('Operating System', info.OperatingSystem),
    ...unlessEmpty('OSType', info.OSType),
    ...unlessEmpty('Architecture', info.Architecture),
    ` CPUs: ${info.NCPU ?? 0}`,
    ` Total Memory: ${formatBinarySize(info.MemTotal ?? 0)}`,
    ...unlessEmpty('Name', info.Name),
    ...unlessEmpty('ID', info.ID),
  ];
}

/** `name=seccomp,profile=builtin` on two lines. */
function describeSecurity(options: readonly string[]): readonly string[] {
  if (options.length === 0) return [];
  return [' Security Options:', ...options.flatMap((option) => option.split(',').flatMap((pair) => {
    const [key = '', value = key] = pair.split('=');
    if (key === 'profile') return [`   Profile: ${value}`];
    return key === 'name' || !pair.includes('=') ? [`  ${value}`] : [];
  }))];
}

function describeCounts(info: ServerInfo): readonly string[] {
  return [
    `  File Descriptors: ${info.NFd ?? 0}`,
    `  Goroutines: ${info.NGoroutines ?? 0}`,
    `  System Time: ${info.SystemTime ?? ''}`,
    `  EventsListeners: ${info.NEventsListener ?? 0}`,
  ];
}

function describeRegistries({ RegistryConfig }: ServerInfo): readonly string[] {
  const indexes = Object.values(RegistryConfig?.IndexConfigs ?? {});
  const ranges = RegistryConfig?.InsecureRegistryCIDRs ?? [];
  const insecure = [...indexes.filter(({ Secure }) => !Secure).map(({ Name }) => Name), ...ranges];
  return [
    ...(indexes.length + ranges.length === 0 ? [] : [' Insecure Registries:', ...insecure.map((name) => `  ${name}`)]),
    ...block('Registry Mirrors', RegistryConfig?.Mirrors ?? []),
  ];
}

function unlessEmpty(title: string, value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [` ${title}: ${value}`];
}

function block(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [` ${title}:`, ...lines.map((line) => `  ${line}`)];
}
