import type { ContainerSpec } from '#container/model/container-spec.ts';
import { CONFIG, type Config } from './wire/config.ts';
import type { EndpointSettings } from './wire/endpoint.ts';
import { HOST_CONFIG, type HostConfig } from './wire/host-config.ts';

/** What lowering keeps of a request in `ContainerSpec.front`. */
export interface Front {
  readonly config: Config;
  readonly hostConfig: HostConfig;
  readonly endpoints: Readonly<Record<string, EndpointSettings | null>>;
  /** The mode of each mount as it was written, by target. */
  readonly modes: Readonly<Record<string, string>>;
  readonly os: string;
}

function networkWord({ sandbox: { network } }: ContainerSpec): string {
  if (network.kind === 'network') return network.name;
  return network.kind === 'container' ? `container:${network.id}` : network.kind;
}

/** A container of another front, in the words of this one. */
function translate(spec: ContainerSpec): Front {
  const { process, sandbox } = spec;
  const exposed = Object.fromEntries(sandbox.exposed.map(({ port, protocol }) => [`${port}/${protocol}`, {}]));
  return {
    config: {
      ...CONFIG.zero(),
      Hostname: sandbox.hostname,
      Domainname: sandbox.domainname,
      User: process.user,
      Tty: process.terminal,
      OpenStdin: process.stdin.open,
      StdinOnce: process.stdin.once,
      Env: process.env,
      Cmd: process.args,
      Image: spec.image.reference,
      WorkingDir: process.cwd,
      Labels: spec.labels,
      ...(sandbox.exposed.length > 0 ? { ExposedPorts: exposed } : {}),
    },
    hostConfig: {
      ...HOST_CONFIG.zero(),
      NetworkMode: networkWord(spec),
      LogConfig: { Type: spec.logging.driver, Config: spec.logging.options },
      RestartPolicy: { Name: spec.restart.kind, MaximumRetryCount: spec.restart.kind === 'on-failure' ? spec.restart.maximumRetries : 0 },
      AutoRemove: spec.autoRemove,
      Privileged: spec.security.privileged,
      ReadonlyRootfs: spec.readonlyRootfs,
      ShmSize: sandbox.shmSizeBytes,
      Memory: spec.resources.memoryBytes ?? 0,
      NanoCpus: spec.resources.nanoCpus ?? 0,
      CapAdd: spec.security.capabilitiesAdd,
      CapDrop: spec.security.capabilitiesDrop,
    },
    endpoints: {},
    modes: {},
    os: 'linux',
  };
}

/** The request behind a container. One that another front made is told as if it had come through this one. */
export function frontOf(spec: ContainerSpec): Front {
  return spec.owner.front === 'docker' && 'hostConfig' in spec.front ? (spec.front as unknown as Front) : translate(spec);
}
