import { formatTimeNs } from '#base/clock.ts';
import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import type { ExecId } from '#container/model/ids.ts';
import { frontOf } from '../front.ts';
import { renderState } from './container-state.ts';
import { renderMountPoints, type VolumePath } from './mount-points.ts';
import { renderLinks, renderNetworks, type FindNetwork } from './networks.ts';
import { renderPortMap } from './ports.ts';

export const STORAGE_DRIVER = 'overlay2';

export interface InspectContext {
  readonly root: string;
  readonly pathOfVolume: VolumePath;
  readonly findNetwork: FindNetwork;
  readonly execIds: readonly ExecId[];
  /** Bytes of the writable layer, and of all layers, where they were asked for. */
  readonly sizes?: { readonly writable: number; readonly total: number };
}

function renderNetworkSettings(container: Container, networks: ReturnType<typeof renderNetworks>) {
  const { spec, state } = container;
  const bridge = networks['bridge'];
  const pid = isLive(state.phase) && spec.sandbox.network.kind !== 'container' ? state.process?.pid : undefined;
  return {
    Bridge: '',
    SandboxID: pid === undefined ? '' : spec.id,
    SandboxKey: pid === undefined ? '' : `/proc/${pid}/ns/net`,
    Ports: renderPortMap(container),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? '',
    Gateway: bridge?.Gateway ?? '',
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? '',
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? '',
    MacAddress: bridge?.MacAddress ?? '',
    Networks: networks,
  };
}

/** `GET /containers/{id}/json`. */
export function renderContainer(container: Container, context: InspectContext) {
  const { spec, state } = container;
  const front = frontOf(spec);
  const [path = '', ...args] = spec.process.args;
  const networks = front.config.NetworkDisabled === true ? {} : renderNetworks(container, context.findNetwork, true);
  const directory = `${context.root}/containers/${spec.id}`;
  const hasRun = state.startedNs !== undefined;
  const mac = front.endpoints[front.hostConfig.NetworkMode]?.MacAddress ?? '';
  return {
    Id: spec.id,
    Created: formatTimeNs(BigInt(spec.createdNs)),
    Path: path,
    Args: args,
    State: renderState(container),
    Image: spec.image.id,
    ResolvConfPath: hasRun ? `${directory}/resolv.conf` : '',
    HostnamePath: hasRun ? `${directory}/hostname` : '',
    HostsPath: hasRun ? `${directory}/hosts` : '',
    LogPath: hasRun && spec.logging.driver !== 'none' ? `${directory}/container.log` : '',
    Name: `/${spec.name}`,
    RestartCount: state.restarts,
    Driver: STORAGE_DRIVER,
    Platform: front.os,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: (front.hostConfig.SecurityOpt ?? []).findLast((option) => /^apparmor[=:]/.test(option))?.slice('apparmor='.length) ?? '',
    ExecIDs: context.execIds.length === 0 ? null : context.execIds,
    HostConfig: { ...front.hostConfig, Links: renderLinks(container, front.hostConfig) },
    GraphDriver: { Data: null, Name: STORAGE_DRIVER },
    ...(context.sizes === undefined ? {} : { SizeRw: context.sizes.writable, SizeRootFs: context.sizes.total }),
    Mounts: renderMountPoints(spec, front, context.pathOfVolume),
    Config: {
      ...front.config,
      Hostname: front.config.Hostname === '' ? spec.sandbox.hostname : front.config.Hostname,
      // Moved to the endpoint in 1.44, and still told here for those who look for it.
      ...(mac === '' ? {} : { MacAddress: mac }),
    },
    NetworkSettings: renderNetworkSettings(container, networks),
  };
}
