import { GantryError } from '#base/error.ts';
import { interpolate } from '../interpolate/interpolate.ts';
import { checkShape } from '../schema/check-shape.ts';
import { composeShape } from '../schema/compose-shape.ts';
import { ComposeProblem, Places, problem } from '../value/places.ts';
import { parentPath, relativePath, resolvePath } from '../value/posix-path.ts';
import { isMapping, typeName, type Mapping } from '../value/value.ts';
import { parseYaml } from '../yaml/parse-yaml.ts';
import { canonical, withoutEmptyNameServers } from './canonical.ts';
import { withDefaults } from './defaults.ts';
import { keepDistinct } from './distinct.ts';
import { withEnvironment } from './environment.ts';
import { applyExtends, type LoadBase } from './extends.ts';
import { dropCleared, type FileModel } from './file-model.ts';
import { inclusions, withImported } from './include.ts';
import { mergeModels } from './merge.ts';
import type { ProjectFiles } from './project-files.ts';
import { isRemote, resolvePaths } from './resolve-paths.ts';
import { checkRules } from './rules.ts';

/** A compose file: absolute path, or `-` for standard input. */
export interface ComposeFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadOptions {
  readonly files: ProjectFiles;
  readonly warn: (message: string) => void;
  readonly home: string | undefined;
  readonly interpolate: boolean;
  readonly resolvePaths: boolean;
}

export interface LoadJob {
  readonly files: readonly ComposeFile[];
  /** Absolute for the project itself; an included one is seen from the project that includes it. */
  readonly directory: string;
  /** Where {@link directory} is, absolute. */
  readonly location: string;
  readonly environment: ReadonlyMap<string, string>;
}

export interface LoadedModel {
  readonly value: Mapping;
  readonly places: Places;
}

/** The canonical model of compose files laid over each other. Throws {@link ComposeProblem} with its place. */
export function loadModel(job: LoadJob, options: LoadOptions): LoadedModel {
  const places = new Places();
  return { value: new Loader(options, places).load(job, []), places };
}

class Loader {
  readonly #options: LoadOptions;
  readonly #places: Places;

  constructor(options: LoadOptions, places: Places) {
    this.#options = options;
    this.#places = places;
  }

  load(job: LoadJob, trail: readonly string[]): Mapping {
    let model: Mapping = new Map();
    for (const file of job.files) model = this.#explained(() => this.#addFile(model, file, job, trail));
    return this.#explained(() => {
      const complete = withDefaults(model);
      checkRules(complete);
      const { files, home } = this.#options;
      const resolved = this.#options.resolvePaths || trail.length > 0 ? resolvePaths(complete, { directory: job.directory, home, followLink: (path) => files.followLink(path) }) : complete;
      return withEnvironment(resolved, (name) => job.environment.get(name));
    });
  }

  #addFile(before: Mapping, file: ComposeFile, job: LoadJob, trail: readonly string[]): Mapping {
    let model = before;
    for (const document of this.#documents(file, job.environment)) {
      const extended = applyExtends(document, file.path, this.#baseLoader(job));
      const included = this.#include(extended, job, [...trail, file.path]);
      const merged = keepDistinct(mergeModels(dropCleared(model, document.cleared), included));
      this.#check(merged);
      if (merged.delete('version')) this.#options.warn(`${file.path}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`);
      model = this.#canonical(merged);
    }
    return model;
  }

  /** Short forms hide repeats (a range of ports), so what must be distinct is looked at once more. */
  #canonical(model: Mapping): Mapping {
    const { warn } = this.#options;
    return keepDistinct(withoutEmptyNameServers(canonical(model, { keepUnreadable: !this.#options.interpolate, warn })));
  }

  #documents(file: ComposeFile, environment: ReadonlyMap<string, string>): FileModel[] {
    return parseYaml(file.text, file.path, this.#places).map(({ value, cleared }) => {
      if (!isMapping(value)) throw problem([], `top-level object must be a mapping, not ${typeName(value)}`, 'start with `services:`');
      return { value: this.#interpolated(value, environment), cleared };
    });
  }

  #interpolated(model: Mapping, environment: ReadonlyMap<string, string>): Mapping {
    const { warn } = this.#options;
    if (!this.#options.interpolate) return model;
    const onUnset = (name: string): void => warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
    return interpolate(model, { lookup: (name) => environment.get(name), onUnset, warn });
  }

  #check(model: Mapping): void {
    const problems = checkShape(model, composeShape).map((found) => found.at(this.#places));
    if (problems.length > 0) throw joined(problems);
  }

  #baseLoader(job: LoadJob): LoadBase {
    return (file, path) => {
      if (isRemote(file) || file.startsWith('oci://')) throw problem(path, `can't extend from ${file}: only local files are read`, 'fetch it first, look at it, and extend from the copy');
      const absolute = resolvePath(job.location, file);
      const text = this.#options.files.kind(absolute) === 'directory' ? undefined : this.#options.files.read(absolute);
      if (text === undefined) throw problem(path, `open ${absolute}: no such file or directory`, `paths of extends start at ${job.location}`);
      return this.#base({ path: absolute, text }, job);
    };
  }

  #base(file: ComposeFile, job: LoadJob): FileModel {
    const documents = this.#documents(file, job.environment);
    const cleared = documents.flatMap((document) => document.cleared);
    const merged = documents.reduce((model: Mapping, { value }) => keepDistinct(mergeModels(model, value)), new Map());
    const directory = relativePath(job.location, parentPath(file.path));
    const { files, home } = this.#options;
    return { value: resolvePaths(this.#canonical(merged), { directory, home, followLink: (path) => files.followLink(path) }), cleared };
  }

  #include(model: Mapping, job: LoadJob, trail: readonly string[]): Mapping {
    let result = model;
    const { files } = this.#options;
    for (const [index, found] of inclusions(model, { directory: job.location, files, environment: job.environment, trail }).entries()) {
      const texts = found.files.map((path) => ({ path, text: files.read(path) ?? '' }));
      const imported = this.load({ files: texts, directory: found.from, location: found.directory, environment: found.environment }, trail);
      result = withImported(result, imported, ['include', String(index)]);
    }
    if (!result.has('include')) return result;
    const rest: Mapping = new Map(result);
    rest.delete('include');
    return rest;
  }

  /** A problem found deep inside says which path it is about; here it learns where that was written. */
  #explained<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw thrown instanceof ComposeProblem ? thrown.at(this.#places) : thrown;
    }
  }
}

/** Several problems as one error, each on its own line. */
function joined(problems: readonly ComposeProblem[]): GantryError {
  const [first] = problems;
  if (first !== undefined && problems.length === 1) return first;
  const lines = problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
  return new GantryError('invalid', lines.join('\n'), { subject: 'the compose file' });
}

