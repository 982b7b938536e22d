import { dependenciesOf, type Project } from './project.ts';
import { startOrder } from './select.ts';
import type { Service } from './service-kind.ts';

/** Variables that providers set, by the service that each runs. */
export type Provided = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Services that a provider runs, each after those that it depends on. */
export function providedServices(project: Project): string[] {
  return startOrder(project).filter((name) => project.services.get(name)?.provider !== undefined);
}

/** The project without them. Who depends on one has its variables: `URL` of service db as `DB_URL`. */
export function withProvided(project: Project, provided: Provided): Project {
  const [run, own] = [new Map<string, Service>(), new Map<string, Service>()];
  for (const [name, service] of project.services) {
    if (service.provider !== undefined) run.set(name, service);
    else own.set(name, withVariables(service, provided));
  }
  return run.size === 0 ? project : { ...project, services: own, disabled: new Map([...project.disabled, ...run]) };
}

function withVariables(service: Service, provided: Provided): Service {
  const added = [...dependenciesOf(service).keys()].flatMap((other) => [...provided.get(other) ?? []].map(([name, value]) => [`${other.toUpperCase()}_${name}`, value] as const));
  return added.length === 0 ? service : { ...service, environment: new Map([...service.environment ?? [], ...added]) };
}
