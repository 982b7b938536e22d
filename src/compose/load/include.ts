import { GantryError } from '#base/error.ts';
import { parseDotenv } from '../dotenv/dotenv.ts';
import type { Lookup } from '../interpolate/template.ts';
import { problem, type Path } from '../value/places.ts';
import { cleanPath, joinPath, parentPath, relativePath, resolvePath } from '../value/posix-path.ts';
import { equalValues, isMapping, typeName, type Mapping, type Value } from '../value/value.ts';
import type { ProjectFiles } from './project-files.ts';
import { isRemote } from './resolve-paths.ts';

/** An entry of `include` whose files are found. */
export interface Inclusion {
  /** Absolute; the first is the file, the others are laid over it. */
  readonly files: readonly string[];
  /** Absolute: what the files' relative paths start from. */
  readonly directory: string;
  /** The directory seen from the including project's. */
  readonly from: string;
  readonly environment: ReadonlyMap<string, string>;
}

export interface IncludeSurroundings {
  readonly directory: string;
  readonly files: ProjectFiles;
  readonly environment: ReadonlyMap<string, string>;
  /** Files that lead here, the including one last. */
  readonly trail: readonly string[];
}

/** The entries of a file's `include`. */
export function inclusions(model: Mapping, surroundings: IncludeSurroundings): Inclusion[] {
  const include = model.get('include') ?? null;
  if (include === null) return [];
  if (!Array.isArray(include)) throw problem(['include'], `must be a list, not ${typeName(include)}`, 'write `- FILE` lines');
  return include.map((entry, index) => inclusion(entry, ['include', String(index)], surroundings));
}

function inclusion(entry: Value, path: Path, { directory, files, environment, trail }: IncludeSurroundings): Inclusion {
  const given: Mapping = isMapping(entry) ? entry : new Map([['path', entry]]);
  const paths = texts(given.get('path'), [...path, 'path']);
  if (paths.length === 0) throw problem(path, 'path is required', 'name the file to include');
  const found = paths.map((file) => locate(file, directory, files, path));
  const main = found[0] as string;
  if (trail.includes(main)) {
    const lines = [...trail, main];
    throw problem(path, `include cycle detected:\n${lines[0]}\n include ${lines.slice(1).join('\n include ')}`, 'one of these files must not include');
  }
  const own = given.get('project_directory');
  const base = typeof own === 'string' && own !== '' ? resolvePath(directory, own) : parentPath(main);
  return { files: found, directory: base, from: typeof own === 'string' && own.startsWith('/') ? own : relativePath(directory, base), environment: includedEnvironment(given, base, path, { directory, files, environment }) };
}

/** Nothing is fetched: a file that only a network has could change under the project, and lead out of it. */
function locate(file: string, directory: string, files: ProjectFiles, path: Path): string {
  if (isRemote(file) || file.startsWith('oci://')) throw problem(path, `can't include ${file}: only local files are included`, 'fetch it first, look at it, and include the copy');
  const absolute = resolvePath(directory, file);
  const kind = files.kind(absolute);
  if (kind === undefined) throw problem(path, `open ${absolute}: no such file or directory`, `paths of include start at ${directory}`);
  if (kind === 'directory') throw problem(path, `read ${absolute}: is a directory`, `name the file, such as ${joinPath(file, 'compose.yaml')}`);
  return absolute;
}

function includedEnvironment(given: Mapping, base: string, path: Path, { directory, files, environment }: Omit<IncludeSurroundings, 'trail'>): ReadonlyMap<string, string> {
  const named = texts(given.get('env_file') ?? null, [...path, 'env_file']);
  const own = joinPath(base, '.env');
  const paths = named.length > 0 ? named.map((file) => resolvePath(directory, file)) : files.kind(own) === 'file' ? [own] : [];
  const read = new Map<string, string>();
  for (const file of paths) {
    if (files.kind(file) === 'directory') throw problem(path, `${file} is not a file`);
    readEnvironmentFile(file, read, files, (name) => environment.get(name));
  }
  return new Map([...read, ...environment]);
}

/** Variables of an env file that must exist, over those of the files before. */
export function readEnvironmentFile(file: string, into: Map<string, string>, files: ProjectFiles, lookup: Lookup): void {
  const text = files.read(cleanPath(file));
  if (text === undefined) throw new GantryError('invalid', `couldn't find env file: ${file}`, { subject: file, hint: 'create it, or correct the path' });
  parseDotenv(text, into, { lookup, name: file });
}

function texts(value: Value | undefined, path: Path): string[] {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== 'string') throw problem(path, `must be a string or list of strings, not ${typeName(item)}`);
    return item;
  });
}

const SECTIONS = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'];

/** The including file's model with the included resources in it. The same name may come twice only for the same thing. */
export function withImported(model: Mapping, imported: Mapping, path: Path): Mapping {
  const result: Mapping = new Map(model);
  for (const section of SECTIONS) {
    const from = imported.get(section);
    if (!isMapping(from)) continue;
    const to = result.get(section);
    const joined: Mapping = new Map(isMapping(to) ? to : []);
    for (const [name, value] of from) {
      const mine = joined.get(name);
      if (mine !== undefined && !equalValues(mine, value)) throw problem(path, `${section}.${name} conflicts with imported resource`, 'rename one of them, or lay a file over it in the path list of include');
      joined.set(name, value);
    }
    result.set(section, joined);
  }
  return result;
}
