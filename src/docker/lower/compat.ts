import type { ApiVersion } from '../version.ts';
import type { Config } from '../wire/config.ts';
import type { CreateBody } from '../wire/create-request.ts';
import { ENDPOINT, type EndpointSettings } from '../wire/endpoint.ts';
import type { HostConfig } from '../wire/host-config.ts';
import type { MountRequest } from '../wire/mount.ts';
import { isBuiltIn } from './check-network.ts';
import { invalid } from './invalid.ts';

export interface Adapted extends CreateBody {
  readonly warnings: readonly string[];
}

function adaptMounts(mounts: readonly MountRequest[], version: ApiVersion): MountRequest[] {
  return mounts.map((mount) => {
    const { BindOptions, VolumeOptions, TmpfsOptions, ...rest } = mount;
    const others = { BindOptions: ['bind', BindOptions], VolumeOptions: ['volume', VolumeOptions], TmpfsOptions: ['tmpfs', TmpfsOptions] } as const;
    for (const name of ['VolumeOptions', 'BindOptions', 'TmpfsOptions'] as const) {
      const [type, options] = others[name];
      if (version >= 1042 && options && mount.Type !== type) throw invalid(`${name} must not be specified on mount type "${mount.Type ?? ''}"`);
    }
    if (version < 1045 && VolumeOptions?.Subpath) throw invalid('VolumeOptions.Subpath needs API v1.45 or newer');
    if (version < 1048 && mount.Type === 'image') throw invalid('Mount type "Image" needs API v1.48 or newer');
    if (version < 1044 && BindOptions?.ReadOnlyForceRecursive) throw invalid('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer');
    const { NonRecursive, CreateMountpoint, ...bind } = BindOptions ?? {};
    const known = {
      ...bind,
      ...(NonRecursive !== undefined && version >= 1040 ? { NonRecursive } : {}),
      ...(CreateMountpoint !== undefined && version >= 1042 ? { CreateMountpoint } : {}),
    };
    return {
      ...rest,
      ...(BindOptions ? { BindOptions: known } : {}),
      ...(VolumeOptions && (version >= 1042 || mount.Type === 'volume') ? { VolumeOptions } : {}),
      ...(TmpfsOptions && (version >= 1042 || mount.Type === 'tmpfs') ? { TmpfsOptions } : {}),
    };
  });
}

function adaptHost(host: HostConfig, version: ApiVersion): HostConfig {
  const { Mounts, Annotations, ...rest } = host;
  return {
    ...rest,
    ...(Mounts ? { Mounts: adaptMounts(Mounts, version) } : {}),
    ...(Annotations && version >= 1043 ? { Annotations } : {}),
    AutoRemove: host.AutoRemove && version >= 1025,
    IpcMode: host.IpcMode === '' && version < 1040 ? 'shareable' : host.IpcMode,
    ConsoleSize: version < 1042 ? [0, 0] : host.ConsoleSize,
    PidsLimit: host.PidsLimit !== null && host.PidsLimit > 0 ? host.PidsLimit : null,
  };
}

function withHealthOf(config: Config, version: ApiVersion): Config {
  if (version >= 1044 || !config.Healthcheck) return config;
  const { StartInterval: _unknown, ...health } = config.Healthcheck;
  return { ...config, Healthcheck: health };
}

/** The address for a container's link was a field of its own before it became one of the endpoint (1.44). */
function moveMacAddress(config: Config, host: HostConfig, endpoints: Record<string, EndpointSettings | null>, version: ApiVersion): { config: Config; warning?: string } {
  const { MacAddress: address, ...rest } = config;
  const network = host.NetworkMode;
  if (address === undefined) return { config };
  const takesOne = network === 'bridge' || (!isBuiltIn(network) && !network.startsWith('container:'));
  if (!takesOne) {
    if (version < 1044) throw invalid('conflicting options: mac-address and the network mode');
  } else {
    const endpoint = endpoints[network] ?? ENDPOINT.zero();
    if (version >= 1044 && endpoint.MacAddress !== '' && endpoint.MacAddress !== address) {
      throw invalid('the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty');
    }
    endpoints[network] = { ...endpoint, MacAddress: address };
  }
  if (version < 1044) return { config };
  return { config: rest, warning: 'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.' };
}

/** A request of an older client, in the words of the newest version. */
export function adaptToVersion(body: CreateBody, version: ApiVersion): Adapted {
  const named = body.hostConfig.NetworkMode === '' || body.hostConfig.NetworkMode === 'default';
  const host = adaptHost(named ? { ...body.hostConfig, NetworkMode: 'bridge' } : body.hostConfig, version);
  const endpoints = Object.assign(Object.create(null) as Record<string, EndpointSettings | null>, body.endpoints);
  const unnamed = endpoints['default'];
  if (named && unnamed !== undefined) {
    endpoints['bridge'] = unnamed;
    delete endpoints['default'];
  }
  if (version < 1044 && Object.keys(endpoints).length > 1) {
    throw invalid(`Container cannot be created with multiple network endpoints: ${Object.keys(endpoints).join(', ')}`);
  }
  const moved = moveMacAddress(withHealthOf(body.config, version), host, endpoints, version);
  for (const name of Object.keys(host.Sysctls ?? {})) {
    if (/^net\.[^.]+\.[^.]+\.eth[^.]*\./.test(name)) {
      throw invalid(`interface specific sysctl setting "${name}" must be supplied using driver option 'com.docker.network.endpoint.sysctls'`);
    }
  }
  return { config: moved.config, hostConfig: host, endpoints, warnings: moved.warning === undefined ? [] : [moved.warning] };
}
