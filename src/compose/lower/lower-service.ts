import { imageName } from './names.ts';
import { dependenciesOf, type Project } from '../model/project.ts';
import type { Healthcheck, Service } from '../model/service-kind.ts';
import { COMPOSE_VERSION, label } from '../value/labels.ts';
import { asObject, given, nonEmpty, type CreateRequest, type HealthRequest } from './create-request.ts';
import { lowerHostConfig } from './lower-host-config.ts';
import type { InheritedVolume } from './lower-mounts.ts';
import { lowerNetworks, type ContainerOf } from './lower-network.ts';

/** One container of a service, as it is to be made. */
export interface ContainerDesign {
  readonly service: string;
  readonly config: Service;
  readonly number: number;
  /** The name that it has in the end; one that replaces another is made under a different one. */
  readonly name: string;
  readonly hash: string;
  /** The id of its image, which tells later whether a newer one is there. */
  readonly imageId: string;
  readonly oneOff: boolean;
  /** The container that it replaces. */
  readonly replaces?: string;
  readonly inherited: readonly InheritedVolume[];
  readonly containerOf: ContainerOf;
}

const SECOND = 1_000_000_000n;

/** A service's container as the Docker API's request, with the labels of docker compose. */
export function lowerService(project: Project, design: ContainerDesign): CreateRequest {
  const { service, config, name } = design;
  const { mode, endpoints } = lowerNetworks(project, service, config, name, design.containerOf);
  return {
    AttachStdout: true, AttachStderr: true,
    Image: imageName(project, service, config),
    Labels: labelsOf(project, design),
    HostConfig: lowerHostConfig(project, config, { networkMode: mode, containerOf: design.containerOf, inherited: design.inherited }),
    ...given({
      Hostname: nonEmpty(config.hostname), Domainname: nonEmpty(config.domainname), User: nonEmpty(config.user), Tty: nonEmpty(config.tty),
      OpenStdin: nonEmpty(config.stdin_open), Env: nonEmpty(environmentOf(config)), Cmd: config.command, Entrypoint: config.entrypoint,
      ExposedPorts: exposedPorts(config), Healthcheck: healthcheckOf(config.healthcheck), WorkingDir: nonEmpty(config.working_dir),
      StopSignal: nonEmpty(config.stop_signal), StopTimeout: config.stop_grace_period === undefined ? undefined : Number(config.stop_grace_period / SECOND),
      NetworkingConfig: endpoints === undefined ? undefined : { EndpointsConfig: endpoints },
    }),
  };
}

function environmentOf({ environment }: Service): string[] {
  return [...(environment ?? [])].map(([key, value]) => (value === null ? key : `${key}=${value}`));
}

function exposedPorts({ ports = [], expose = [] }: Service): Readonly<Record<string, object>> | undefined {
  const published = ports.map(({ target = 0, protocol = 'tcp' }) => `${target}/${protocol}`);
  const exposed = expose.flatMap((entry) => {
    const [range = '', protocol = 'tcp'] = entry.split('/');
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
  });
  const all = [...published, ...exposed];
  return all.length === 0 ? undefined : asObject(all.map((port) => [port, {}]));
}

function healthcheckOf(check: Healthcheck | undefined): HealthRequest | undefined {
  if (check === undefined) return undefined;
  const time = (duration: bigint | undefined): number | undefined => (duration === undefined ? undefined : Number(duration));
  return given({
    Test: check.disable === true ? ['NONE'] : nonEmpty(check.test), Interval: time(check.interval), Timeout: time(check.timeout), Retries: check.retries,
    StartPeriod: time(check.start_period), StartInterval: time(check.start_interval),
  });
}

/** `db:service_healthy:true,cache:service_started:false` */
function dependencyLabel(config: Service): string {
  return [...dependenciesOf(config)].map(([name, { condition = 'service_started', restart = false }]) => `${name}:${condition}:${restart}`).join(',');
}

function labelsOf(project: Project, design: ContainerDesign): Readonly<Record<string, string>> {
  return asObject([
    ...(design.config.labels ?? []),
    ...(design.config.deploy?.labels ?? []),
    [label.project, project.name],
    [label.service, design.service],
    [label.version, COMPOSE_VERSION],
    [label.directory, project.directory],
    [label.files, project.composeFiles.join(',')],
    [label.oneOff, design.oneOff ? 'True' : 'False'],
    [label.hash, design.hash],
    [label.number, String(design.number)],
    [label.dependsOn, dependencyLabel(design.config)],
    [label.image, design.imageId],
    ...(design.replaces === undefined ? [] : [[label.replaces, design.replaces] as const]),
  ]);
}
