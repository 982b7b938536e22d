import { GantryError } from '#base/error.ts';
import { checkConsistency } from '../model/consistency.ts';
import { readProject, type Project } from '../model/project.ts';
import { withServiceEnvironment, withServiceLabels } from '../model/resolve-environment.ts';
import { withProfiles } from '../model/select.ts';
import { ComposeProblem } from '../value/places.ts';
import type { Mapping } from '../value/value.ts';
import { projectSources, type ProjectSources, type SourceOptions } from './find-sources.ts';
import { loadModel, type LoadedModel } from './load-model.ts';
import { normalize } from './normalize.ts';
import { projectName } from './project-name.ts';

/** Steps that can be left out, for those who want to see a model before them. */
export interface OpenOptions extends SourceOptions {
  readonly profiles: readonly string[];
  readonly projectName: string;
  readonly warn: (message: string) => void;
  readonly interpolate?: boolean;
  readonly normalize?: boolean;
  readonly resolvePaths?: boolean;
  readonly checkConsistency?: boolean;
  /** Read the env files of services. Without, they stay as they are written. */
  readonly resolveEnvironment?: boolean;
}

export interface OpenedModel extends LoadedModel {
  readonly name: string;
  readonly sources: ProjectSources;
  readonly environment: ReadonlyMap<string, string>;
}

/** The model of the compose files that the options lead to. */
export function openModel(options: OpenOptions): OpenedModel {
  const sources = projectSources(options);
  if (sources.files.length === 0) throw new GantryError('not-found', 'no configuration file provided: not found', { hint: 'run this where a compose.yaml is, or name one with -f' });
  const interpolated = options.interpolate ?? true;
  const name = projectName({ ...options, sources, interpolate: interpolated, normalize: options.normalize ?? true });
  if (name === '') throw new GantryError('invalid', 'project name must not be empty', { hint: 'set one with -p' });
  const environment = new Map([...sources.environment, ['COMPOSE_PROJECT_NAME', name] as const]);
  const job = { files: sources.files, directory: sources.directory, location: sources.directory, environment };
  const { value, places } = loadModel(job, { files: options.files, warn: options.warn, home: sources.environment.get('HOME'), interpolate: interpolated, resolvePaths: options.resolvePaths ?? true });
  if (value.size === 0) throw new GantryError('invalid', 'empty compose file', { hint: 'a compose file starts with services:' });
  const normal = options.normalize ?? true ? normalize(value, name, (variable) => environment.get(variable)) : value;
  return { value: normal, places, name, sources, environment };
}

/** The project of the compose files that the options lead to. */
export function openProject(options: OpenOptions): Project {
  const opened = openModel(options);
  return explained(opened, () => projectOf(opened, options));
}

function projectOf({ value, name, sources, environment }: OpenedModel, options: OpenOptions): Project {
  const facts = { name, directory: sources.directory, composeFiles: sources.files.map(({ path }) => path), environment };
  const all = withProfiles(readProject(withoutName(value), facts), activeProfiles(options, sources));
  if (options.checkConsistency ?? true) checkConsistency(all);
  const resolve = options.resolveEnvironment ?? true;
  return withServiceLabels(resolve ? withServiceEnvironment(all, options.files, true) : all, options.files, true);
}

function withoutName(model: Mapping): Mapping {
  const rest = new Map(model);
  rest.delete('name');
  return rest;
}

function activeProfiles({ profiles }: OpenOptions, { environment }: ProjectSources): readonly string[] {
  return profiles.length > 0 ? profiles : (environment.get('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}

/** Problems found after loading know their path; the places say where that was written. */
export function explained<T>({ places }: LoadedModel, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof ComposeProblem ? thrown.at(places) : thrown;
  }
}
