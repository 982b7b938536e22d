import type { Lookup } from '../interpolate/template.ts';
import { goText } from '../value/go-text.ts';
import { cleanPath } from '../value/posix-path.ts';
import { isMapping, mappingAt, stringAt, type Mapping, type Value } from '../value/value.ts';
import { each, resolveKeys } from './environment.ts';

/** The model with what it says between the lines: implicit dependencies, the default network, names of resources. */
export function normalize(model: Mapping, project: string, lookup: Lookup): Mapping {
  const normalized: Mapping = new Map(model).set('name', project);
  withDefaultNetwork(normalized);
  each(normalized, 'services', (service) => normalizeService(service, lookup));
  for (const section of ['networks', 'volumes', 'configs', 'secrets']) nameEntries(normalized, section, project);
  return normalized;
}

function withDefaultNetwork(model: Mapping): void {
  let used = false;
  each(model, 'services', (service) => {
    if (service.has('provider') || service.has('network_mode')) return service;
    const networks = service.get('networks');
    const none = !isMapping(networks) || networks.size === 0;
    used ||= none || networks.has('default');
    return none ? new Map(service).set('networks', new Map([['default', null]])) : service;
  });
  const networks: Mapping = new Map(mappingAt(model, 'networks'));
  if (used && !networks.has('default')) networks.set('default', null);
  if (networks.size > 0) model.set('networks', networks);
}

function normalizeService(given: Mapping, lookup: Lookup): Mapping {
  const service: Mapping = new Map(given);
  if (service.get('pull_policy') === 'if_not_present') service.set('pull_policy', 'missing');
  const build = service.get('build');
  if (isMapping(build)) service.set('build', normalizeBuild(build, lookup));
  const environment = service.get('environment');
  if (environment !== undefined) service.set('environment', resolveKeys(environment, lookup, true));
  const dependencies = implicitDependencies(service);
  if (dependencies.size > 0) service.set('depends_on', dependencies);
  const volumes = service.get('volumes');
  if (Array.isArray(volumes)) service.set('volumes', volumes.map(withCleanTarget));
  return service;
}

function normalizeBuild(given: Mapping, lookup: Lookup): Mapping {
  const build: Mapping = new Map(given);
  if ((build.get('context') ?? null) === null) build.set('context', '.');
  if ((build.get('dockerfile') ?? null) === null && (build.get('dockerfile_inline') ?? null) === null) build.set('dockerfile', 'Dockerfile');
  const args = build.get('args');
  if (args !== undefined) build.set('args', resolveKeys(args, lookup, false));
  return build;
}

function withCleanTarget(volume: Value): Value {
  const target = stringAt(volume, 'target');
  return isMapping(volume) && target !== undefined ? new Map(volume).set('target', cleanPath(target)) : volume;
}

/** Who shares a namespace, a volume or a link with a service starts after it. */
function implicitDependencies(service: Mapping): Mapping {
  const dependencies: Mapping = new Map(mappingAt(service, 'depends_on'));
  const add = (name: string, restart: boolean): void => {
    if (!dependencies.has(name)) dependencies.set(name, new Map<string, Value>([['condition', 'service_started'], ['restart', restart], ['required', true]]));
  };
  for (const link of listAt(service, 'links')) {
    const [name = '', ...alias] = link.split(':');
    add(alias.length === 1 ? name : link, true);
  }
  for (const key of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const shared = stringAt(service, key);
    if (shared?.startsWith('service:') === true) add(shared.slice('service:'.length), true);
  }
  for (const from of listAt(service, 'volumes_from')) {
    if (!from.startsWith('container:')) add(from.split(':')[0] as string, false);
  }
  return dependencies;
}

function listAt(service: Mapping, key: string): string[] {
  const list = service.get(key);
  return Array.isArray(list) ? list.map(goText) : [];
}

/** What has no name of its own gets the project's before it; what is external is called by its key. */
function nameEntries(model: Mapping, section: string, project: string): void {
  const entries = mappingAt(model, section);
  if (entries === undefined) return;
  model.set(section, new Map([...entries].map(([key, given]) => {
    const entry: Mapping = isMapping(given) ? new Map(given) : new Map();
    const external = entry.get('external') ?? null;
    if ((entry.get('name') ?? null) === null) entry.set('name', ['true', '1', 't', 'T', 'TRUE', 'True'].includes(goText(external)) ? key : `${project}_${key}`);
    return [key, entry];
  })));
}
