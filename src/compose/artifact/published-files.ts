import { GantryError, messageOf } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import type { ProjectFiles } from '../load/project-files.ts';
import { lastPart, parentPath, resolvePath } from '../value/posix-path.ts';
import { openProject, type OpenOptions } from '../load/open-project.ts';
import { artifactFiles, type ArtifactFile } from './artifact-format.ts';
import { renamed, writtenPaths, type WrittenPath } from './renamed-paths.ts';

export interface PublishedFrom {
  /** Of the project: paths in its compose files start there. */
  readonly directory: string;
  /** Absolute paths of the compose files, in their order. */
  readonly composeFiles: readonly string[];
  readonly files: ProjectFiles;
  readonly hasher: Hasher;
}

/** The compose files, and what they extend and take variables from, which have names made of their paths. Throws `not-found`, `invalid`. */
export function publishedFiles({ directory, composeFiles, files, hasher }: PublishedFrom): ArtifactFile[] {
  const more = new Map<string, ArtifactFile>();
  const read = (path: string): string => {
    const text = path === '-' ? undefined : files.read(path);
    if (text === undefined) throw new GantryError('not-found', path === '-' ? 'what was piped in has no file to publish' : `open ${path}: no such file or directory`, { subject: path, hint: 'publish the files themselves' });
    return text;
  };
  const take = (text: string, base: string): string => renamed(text, writtenPaths(text).flatMap((written) => {
    const path = resolvePath(base, plainPath(written));
    if (written.kind === 'env' && files.kind(path) === undefined) return [];
    const name = `${hasher.sha256(new TextEncoder().encode(path))}.${written.kind === 'base' ? 'yaml' : 'env'}`;
    if (!more.has(path)) {
      // First, so that files that extend each other come to an end.
      more.set(path, { kind: written.kind, name, text: '' });
      const own = read(path);
      more.set(path, { kind: written.kind, name, text: written.kind === 'base' ? take(own, parentPath(path)) : own });
    }
    return [{ ...written, name }];
  }));
  const main = composeFiles.map((path): ArtifactFile => ({ kind: 'compose', name: lastPart(path), text: take(read(path), directory) }));
  const others = [...more.values()];
  return [...main, ...others.filter(({ kind }) => kind === 'base'), ...others.filter(({ kind }) => kind === 'env')];
}

function plainPath({ path, kind }: WrittenPath): string {
  if (path.includes('$')) throw new GantryError('invalid', `${path} depends on variables, and what is published does not know them`, { hint: `name the file of ${kind === 'base' ? 'extends' : 'env_file'} as it is` });
  return path;
}

const THERE = '/published';

/** Reads the files as others will, who have nothing else. Throws `invalid` with what they would miss. */
export function checkPublished(files: readonly ArtifactFile[], options: OpenOptions, environment: ReadonlyMap<string, string>): void {
  const texts = new Map([...artifactFiles(files)].map(([name, text]) => [`${THERE}/${name}`, text]));
  const tree: ProjectFiles = { read: (path) => texts.get(path), kind: (path) => (path === THERE ? 'directory' : texts.has(path) ? 'file' : undefined), followLink: (path) => path };
  try {
    openProject({ ...options, files: tree, environment, composeFiles: [`${THERE}/compose.yaml`], envFiles: [], projectDirectory: '' });
  } catch (cause) {
    throw new GantryError('invalid', `what would be published could not be read by others: ${messageOf(cause).replaceAll(`${THERE}/`, '')}`, { cause, hint: 'only files of extends and env_file go along, and only where services name them themselves' });
  }
}
