import { GantryError } from '#base/error.ts';
import { dependenciesOf, type Project } from './project.ts';
import type { Service } from './service-kind.ts';

function isActive({ profiles = [] }: Service, active: readonly string[]): boolean {
  return profiles.length === 0 || active.includes('*') || profiles.some((profile) => active.includes(profile));
}

/** The project with the services whose profiles are active. */
export function withProfiles(project: Project, active: readonly string[]): Project {
  const all = [...project.services, ...project.disabled];
  return {
    ...project,
    profiles: active,
    services: new Map(all.filter(([, service]) => isActive(service, active))),
    disabled: new Map(all.filter(([, service]) => !isActive(service, active))),
  };
}

/** Who is asked for by name runs, whatever its profiles: they become active. */
export function withServicesEnabled(project: Project, names: readonly string[]): Project {
  const wanted = names.flatMap((name) => project.disabled.get(name)?.profiles ?? []);
  return wanted.length === 0 ? project : withProfiles(project, [...project.profiles, ...wanted]);
}

export type Related = 'dependencies' | 'dependents' | 'none';

/** The project with the named services and those that they need; all of them when none is named. */
export function withSelectedServices(project: Project, names: readonly string[], related: Related = 'dependencies'): Project {
  if (names.length === 0) return project;
  const chosen = new Set<string>();
  const visit = (name: string, required: boolean): void => {
    const service = project.services.get(name);
    if (service === undefined) {
      if (!required) return;
      throw new GantryError('not-found', `no such service: ${name}`, { subject: `service ${name}`, hint: `services: ${[...project.services.keys()].toSorted().join(', ')}` });
    }
    if (chosen.has(name)) return;
    chosen.add(name);
    if (related === 'dependencies') for (const [needed, { required: must }] of dependenciesOf(service)) visit(needed, must ?? false);
    if (related === 'dependents') for (const [other, { depends_on }] of project.services) if (depends_on?.has(name) === true) visit(other, true);
  };
  for (const name of names) visit(name, true);
  return only(project, (name) => chosen.has(name));
}

export function withoutServices(project: Project, names: readonly string[]): Project {
  return only(project, (name) => !names.includes(name));
}

function only(project: Project, keep: (name: string) => boolean): Project {
  const kept = [...project.services].filter(([name]) => keep(name)).map(([name, service]): [string, Service] => {
    const needed = [...dependenciesOf(service)].filter(([other]) => keep(other));
    return [name, service.depends_on === undefined ? service : { ...service, depends_on: new Map(needed) }];
  });
  return { ...project, services: new Map(kept), disabled: new Map([...project.disabled, ...[...project.services].filter(([name]) => !keep(name))]) };
}

/** The project without networks, volumes, secrets, configs and models that no active service uses. */
export function withUsedResources(project: Project): Project {
  const services = [...project.services.values()];
  const used = (names: readonly (string | undefined)[]) => <T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> => new Map([...all].filter(([name]) => names.includes(name)));
  return {
    ...project,
    networks: used(services.flatMap(({ networks }) => [...(networks ?? new Map()).keys()]))(project.networks),
    volumes: used(services.flatMap(({ volumes = [] }) => volumes.filter(({ type }) => type === 'volume').map(({ source }) => source)))(project.volumes),
    secrets: used(services.flatMap(({ secrets = [], build }) => [...secrets, ...(build?.secrets ?? [])].map(({ source }) => source)))(project.secrets),
    configs: used(services.flatMap(({ configs = [] }) => configs.map(({ source }) => source)))(project.configs),
    models: used(services.flatMap(({ models }) => [...(models ?? new Map()).keys()]))(project.models),
  };
}

/** The project with other numbers of containers. */
export function withScale(project: Project, scale: ReadonlyMap<string, number>): Project {
  const services = [...project.services].map(([name, service]): [string, Service] => {
    const wanted = scale.get(name);
    if (wanted === undefined) return [name, service];
    return [name, { ...service, scale: wanted, ...(service.deploy === undefined ? {} : { deploy: { ...service.deploy, replicas: wanted } }) }];
  });
  for (const name of scale.keys()) {
    if (!project.services.has(name)) throw new GantryError('not-found', `no such service: ${name}`, { subject: `service ${name}` });
  }
  return { ...project, services: new Map(services) };
}

/** Services in the order in which they start: each stands behind those that it depends on. */
export function startOrder(project: Project): string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    const service = project.services.get(name);
    if (service === undefined || order.includes(name)) return;
    for (const needed of [...dependenciesOf(service).keys()].toSorted()) visit(needed);
    order.push(name);
  };
  for (const name of [...project.services.keys()].toSorted()) visit(name);
  return order;
}
