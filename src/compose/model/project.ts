import { GantryError } from '#base/error.ts';
import { compareText } from '../value/go-text.ts';
import type { Mapping, Value } from '../value/value.ts';
import { dictionary, sorted, sortedDeep, type Static } from './kind.ts';
import { configs, models, networks, secrets, volumes, type FileObject, type Network, type Volume } from './resource-kinds.ts';
import { serviceKind, type Dependency, type Service } from './service-kind.ts';

/** What compose files describe, ready to be planned and run. Nothing here changes: each step makes a new one. */
export interface Project {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** Absolute paths, or `-`. */
  readonly composeFiles: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly profiles: readonly string[];
  readonly services: ReadonlyMap<string, Service>;
  /** Services whose profiles are not active, or that were not asked for. */
  readonly disabled: ReadonlyMap<string, Service>;
  readonly networks: ReadonlyMap<string, Network>;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly secrets: ReadonlyMap<string, FileObject>;
  readonly configs: ReadonlyMap<string, FileObject>;
  readonly models: ReadonlyMap<string, Static<typeof models> extends ReadonlyMap<string, infer T> ? T : never>;
  readonly extensions: Mapping;
}

const services = dictionary(serviceKind);
const SECTIONS = new Set(['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models']);

export type ProjectFacts = Pick<Project, 'name' | 'directory' | 'composeFiles' | 'environment'>;

/** The project of a canonical model, all its services enabled. Throws a problem with the path that it is about. */
export function readProject(model: Mapping, facts: ProjectFacts): Project {
  const section = (name: string): Value => model.get(name) ?? null;
  return {
    ...facts,
    profiles: [],
    services: services.read(section('services'), ['services']),
    disabled: new Map(),
    networks: networks.read(section('networks'), ['networks']),
    volumes: volumes.read(section('volumes'), ['volumes']),
    secrets: secrets.read(section('secrets'), ['secrets']),
    configs: configs.read(section('configs'), ['configs']),
    models: models.read(section('models'), ['models']),
    extensions: new Map([...model].filter(([key]) => !SECTIONS.has(key) && key.startsWith('x-'))),
  };
}

/** The project as a compose file says it, in the order of docker compose. */
export function projectYaml(project: Project): Mapping {
  const shown: Mapping = new Map<string, Value>([['name', project.name], ['services', services.yaml(project.services) ?? new Map()]]);
  const add = (name: string, value: Value | undefined): unknown => (value === undefined ? undefined : shown.set(name, value));
  add('networks', networks.yaml(project.networks));
  add('volumes', volumes.yaml(project.volumes));
  add('secrets', secrets.yaml(project.secrets));
  add('configs', configs.yaml(project.configs));
  add('models', models.yaml(project.models));
  for (const [key, value] of sorted(project.extensions)) shown.set(key, sortedDeep(value));
  return shown;
}

/** The same as JSON, with sections and extensions in the order of their names. */
export function projectJson(project: Project): Mapping {
  const sections: [string, Value | undefined][] = [
    ['name', project.name], ['services', services.json(project.services) ?? new Map()], ['networks', networks.json(project.networks)],
    ['volumes', volumes.json(project.volumes)], ['secrets', secrets.json(project.secrets)], ['configs', configs.json(project.configs)],
    ...[...project.extensions].map(([key, value]): [string, Value] => [key, sortedDeep(value)]),
  ];
  const present = sections.filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return new Map(present.sort(([a], [b]) => compareText(a, b)));
}

/** The service's own attributes as JSON, which is what its hash is made of. */
export function serviceJson(service: Service): Value {
  return serviceKind.json(service) as Value;
}

/** How many containers the service has. */
export function scaleOf(service: Service): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}

export function dependenciesOf(service: Service): ReadonlyMap<string, Dependency> {
  return service.depends_on ?? new Map();
}

export function serviceNames(project: Project): string[] {
  return [...project.services.keys()].sort(compareText);
}

export function serviceOf(project: Project, name: string): Service {
  const service = project.services.get(name);
  if (service === undefined) throw new GantryError('not-found', `no such service: ${name}`, { subject: `service ${name}`, hint: `services of ${project.name}: ${serviceNames(project).join(', ')}` });
  return service;
}
