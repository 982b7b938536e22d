import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { CreateRequest } from '#container/engine/port.ts';
import type { HostFacts } from '#container/host/facts.ts';
import type { Image } from '#container/model/image.ts';
import { CREATE_DEFAULTS, type CreateDefaults } from './create-defaults.ts';
import type { ImageConfig } from './image-config.ts';
import { checkConfig } from './lower/check-config.ts';
import { checkHostConfig } from './lower/check-host.ts';
import { checkEndpoints, checkNetworkMode } from './lower/check-network.ts';
import { cleanPath } from './lower/clean-path.ts';
import { adaptToVersion } from './lower/compat.ts';
import { fillHostDefaults, type FindContainer } from './lower/host-defaults.ts';
import { lowerLogging } from './lower/logging.ts';
import { commandOf, mergeImageConfig } from './lower/merge-image.ts';
import { lowerMounts } from './lower/mounts.ts';
import { checkPlatform, foreignPlatform } from './lower/platform.ts';
import { lowerProbe, lowerUnhealthy } from './lower/probe.ts';
import { lowerResources, lowerUlimits } from './lower/resources.ts';
import { lowerRestart } from './lower/restart.ts';
import { lowerSandbox } from './lower/sandbox.ts';
import { lowerSecurity } from './lower/security.ts';
import type { ApiVersion } from './version.ts';
import type { Config } from './wire/config.ts';
import type { CreateBody } from './wire/create-request.ts';
import type { HostConfig } from './wire/host-config.ts';

const DEFAULT_STOP_SECONDS = 10;

/** `6.18.44-cloud` and the like. */
function isAtLeast(version: string, major: number, minor: number): boolean {
  const [have = 0, haveMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return have > major || (have === major && haveMinor >= minor);
}

export interface LowerInput {
  readonly body: CreateBody;
  readonly name: string;
  readonly version: ApiVersion;
  /** `os/architecture`, or empty. */
  readonly platform: string;
  readonly findImage: (reference: string) => { readonly image: Image; readonly config: ImageConfig };
  readonly findContainer: FindContainer;
  readonly newVolumeName: () => string;
  readonly facts: HostFacts;
  /** A network's name, by whichever reference; one that is not there stays as it is called. */
  readonly networkName: (reference: string) => string;
  /** The host as containers of the default network see it. */
  readonly gateway: string;
  readonly defaults?: CreateDefaults;
}

export interface Lowered {
  readonly request: CreateRequest;
  readonly warnings: readonly string[];
}

function lowerProcess(config: Config, host: HostConfig, defaults: CreateDefaults): CreateRequest['process'] {
  return {
    args: commandOf(config),
    env: config.Env ?? [],
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    user: config.User,
    groups: host.GroupAdd ?? [],
    terminal: config.Tty,
    stdin: { open: config.OpenStdin, once: config.StdinOnce },
    init: host.Init ?? defaults.init,
  };
}

/**
 * A create request of the API as a request to the engine. Checks come in Docker's order, so that of two
 * faults the same one is told. `front` keeps the request with its defaults filled in, for inspect.
 */
export function lowerCreate(input: LowerInput): Lowered {
  const { defaults = CREATE_DEFAULTS } = input;
  checkNetworkMode(input.body.config, input.body.hostConfig);
  const adapted = adaptToVersion(input.body, input.version);
  const checked = checkConfig(adapted.config);
  const early = checkHostConfig(adapted.hostConfig, input.facts);
  if (checked.Image === '') throw new GantryError('invalid', 'no command specified', { hint: 'the request names no image' });
  const { image, config: imageConfig } = input.findImage(checked.Image);
  checkPlatform(checked.Image, imageConfig, input.platform);
  const foreign = input.platform === '' ? foreignPlatform(imageConfig, input.facts.architecture) : undefined;
  checkEndpoints(adapted.endpoints, adapted.hostConfig.NetworkMode);

  const host = fillHostDefaults(adapted.hostConfig, input.facts, input.findContainer, defaults);
  const config = mergeImageConfig(checked, imageConfig.config);
  const process = lowerProcess(config, host, defaults);
  const logging = lowerLogging(host.LogConfig);
  const { mounts, modes } = lowerMounts(config, host, { findContainer: input.findContainer, newVolumeName: input.newVolumeName, findImage: (reference) => input.findImage(reference).image.id, mayReadonlyBelow: isAtLeast(input.facts.kernelVersion, 5, 12) });
  const cgroupParent = host.CgroupParent || defaults.cgroupParent;
  const probe = lowerProbe(config.Healthcheck);
  const onUnhealthy = lowerUnhealthy(checked.Labels);
  const front = { config, hostConfig: host, endpoints: adapted.endpoints, modes, os: imageConfig.os === '' ? 'linux' : imageConfig.os };
  return {
    warnings: [...early, ...adapted.warnings, ...(foreign === undefined ? [] : [foreign])],
    request: {
      name: input.name.replace(/^\//, ''),
      owner: { front: 'docker', name: '' },
      image: { reference: config.Image, id: image.id },
      readonlyRootfs: host.ReadonlyRootfs,
      process,
      security: lowerSecurity(host, adapted.hostConfig, defaults),
      resources: lowerResources(host, input.body.hostConfig.PidsLimit),
      ulimits: lowerUlimits(host),
      oomScoreAdjust: host.OomScoreAdj,
      ...(input.facts.runtimes.some(({ name }) => name === host.Runtime) && host.Runtime !== undefined ? { runtime: host.Runtime } : {}),
      ...(cgroupParent === '' ? {} : { cgroupParent: cleanPath(`/${cgroupParent}`) }),
      mounts,
      sandbox: lowerSandbox(config, host, adapted.endpoints, { find: input.findContainer, gateway: defaults.hostGateway || input.gateway, dns: defaults.dns, networkName: input.networkName }),
      restart: lowerRestart(host),
      autoRemove: host.AutoRemove,
      stop: { signal: config.StopSignal ?? 'SIGTERM', timeoutSeconds: config.StopTimeout ?? DEFAULT_STOP_SECONDS },
      logging,
      ...(probe === undefined ? {} : { probe }),
      ...(onUnhealthy === undefined ? {} : { onUnhealthy }),
      labels: config.Labels ?? {},
      front: front as unknown as Json as JsonObject,
    },
  };
}
