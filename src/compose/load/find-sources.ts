import { GantryError } from '#base/error.ts';
import { joinPath, parentPath, resolvePath } from '../value/posix-path.ts';
import { readEnvironmentFile } from './include.ts';
import type { ComposeFile } from './load-model.ts';
import type { ProjectFiles } from './project-files.ts';
import { isRemote } from './resolve-paths.ts';

export interface SourceOptions {
  readonly files: ProjectFiles;
  /** Absolute. */
  readonly cwd: string;
  /** The process's environment: it wins over every file. */
  readonly environment: ReadonlyMap<string, string>;
  readonly composeFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly projectDirectory: string;
  readonly readStdin: () => string;
  readonly warn: (message: string) => void;
}

/** Where a project is, what it is read from, and the variables that its files may use. */
export interface ProjectSources {
  readonly directory: string;
  readonly files: readonly ComposeFile[];
  readonly environment: ReadonlyMap<string, string>;
}

const DEFAULT_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const DEFAULT_OVERRIDES = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];

export function projectSources(options: SourceOptions): ProjectSources {
  const { files, cwd } = options;
  const far = options.composeFiles.find((path) => isRemote(path) || path.startsWith('oci://'));
  if (far !== undefined) throw new GantryError('unimplemented', `can't read ${far}: only local files are read`, { subject: far, hint: 'fetch it first, look at it, and name the copy' });
  const given = options.composeFiles.map((path) => (path === '-' ? path : resolvePath(cwd, path)));
  const first = withEnvFiles(options.environment, workingDirectory(options, given), options);
  const named = given.length > 0 ? given : fromEnvironment(first, options);
  const paths = named.length > 0 ? named : findDefaults(workingDirectory(options, named), options);
  const directory = workingDirectory(options, paths);
  // The compose file may be found in a parent directory, whose .env then counts too.
  const environment = withEnvFiles(first, directory, options);
  const read = paths.map((path) => ({ path, text: path === '-' ? options.readStdin() : textOf(path, files) }));
  return { directory, files: read, environment };
}

function textOf(path: string, files: ProjectFiles): string {
  if (files.kind(path) === 'directory') throw new GantryError('invalid', `read ${path}: is a directory`, { hint: `name the file, such as ${joinPath(path, 'compose.yaml')}` });
  const text = files.read(path);
  if (text === undefined) throw new GantryError('not-found', `open ${path}: no such file or directory`, { subject: path, hint: 'check the path after -f' });
  return text;
}

function workingDirectory({ projectDirectory, cwd }: SourceOptions, paths: readonly string[]): string {
  if (projectDirectory !== '') return resolvePath(cwd, projectDirectory);
  const file = paths.find((path) => path !== '-');
  return file === undefined ? cwd : parentPath(file);
}

function fromEnvironment(environment: ReadonlyMap<string, string>, { cwd, files }: SourceOptions): string[] {
  const value = environment.get('COMPOSE_FILE');
  if (value === undefined) return [];
  const separator = environment.get('COMPOSE_PATH_SEPARATOR') ?? '';
  const paths = value.split(separator === '' ? ':' : separator).map((path) => (path === '-' ? path : resolvePath(cwd, path)));
  const missing = paths.find((path) => path !== '-' && files.kind(path) === undefined);
  if (missing !== undefined) throw new GantryError('not-found', `stat ${missing}: no such file or directory`, { hint: 'COMPOSE_FILE names it' });
  return paths;
}

/** The nearest directory upwards that has a compose file. */
function findDefaults(start: string, { files, warn }: SourceOptions): string[] {
  for (let directory = start; ; directory = parentPath(directory)) {
    const choose = (names: readonly string[], what: string): string[] => {
      const found = names.map((name) => joinPath(directory, name)).filter((path) => files.kind(path) !== undefined);
      if (found.length > 1) {
        warn(`Found multiple ${what} files with supported names: ${found.join(', ')}`);
        warn(`Using ${found[0]}`);
      }
      return found.slice(0, 1);
    };
    const main = choose(DEFAULT_FILES, 'config');
    if (main.length > 0) return [...main, ...choose(DEFAULT_OVERRIDES, 'override')];
    if (directory === '/') return [];
  }
}

function withEnvFiles(environment: ReadonlyMap<string, string>, directory: string, { envFiles, files, cwd }: SourceOptions): ReadonlyMap<string, string> {
  const own = joinPath(directory, '.env');
  const disabled = ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(environment.get('COMPOSE_DISABLE_ENV_FILE') ?? '');
  const paths = envFiles.length > 0 ? envFiles.map((path) => resolvePath(cwd, path)) : !disabled && files.kind(own) === 'file' ? [own] : [];
  const read = new Map<string, string>();
  for (const path of paths) {
    if (files.kind(path) === 'directory') throw new GantryError('invalid', `${path} is a directory`, { subject: path, hint: 'name a file after --env-file' });
    readEnvironmentFile(path, read, files, (name) => environment.get(name));
  }
  return new Map([...read, ...environment]);
}
