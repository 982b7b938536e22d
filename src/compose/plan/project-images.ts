import { imageName } from '../lower/names.ts';
import type { Project } from '../model/project.ts';
import { label } from '../value/labels.ts';
import { imageId } from './observe.ts';
import type { DockerApi } from './docker-api.ts';

/** An image that was built for a project, as its labels say. */
export interface BuiltImage {
  readonly id: string;
  readonly service: string;
  /** `NAME:TAG`s; none where another image has taken the name over. */
  readonly tags: readonly string[];
}

interface ListedImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
}

/** @param dangling whether those are asked for that no name leads to any more, or the others */
export async function observeImages(api: DockerApi, project: string, dangling: boolean): Promise<BuiltImage[]> {
  const filters = JSON.stringify({ label: [`${label.project}=${project}`], dangling: [String(dangling)] });
  const listed = await api.json<readonly ListedImage[]>('GET', '/images/json', { query: { filters } });
  return listed.map(({ Id, RepoTags, Labels }) => ({ id: Id, service: Labels?.[label.service] ?? '', tags: RepoTags ?? [] }));
}

export interface ImageRemoval {
  /** `local`: what was built for the project; `all`: also what its services name. */
  readonly mode: 'local' | 'all';
  /** Services that go down. An image that was built for another one stays. */
  readonly isMeant: (service: string) => boolean;
}

/** Names of the images that go with a project. Without its files those are known that say by their labels whose they are. */
export function removableImages(project: Project | undefined, built: readonly BuiltImage[], { mode, isMeant }: ImageRemoval): string[] {
  const labelled = built.filter(({ service }) => isMeant(service)).flatMap(({ tags }) => tags.slice(0, 1));
  if (project === undefined) return labelled;
  const services = [...project.services].filter(([name, { provider }]) => provider === undefined && isMeant(name));
  // An image that older versions built has no labels: then its name says it.
  return [...labelled, ...services.filter(([, { image = '' }]) => mode === 'all' || image === '').map(([name, service]) => imageName(project, name, service))];
}

/** Those that the daemon has. */
export async function presentImages(api: DockerApi, names: readonly string[]): Promise<string[]> {
  const present = await Promise.all(names.map(async (name) => ((await imageId(api, name)) === undefined ? [] : [name])));
  return present.flat();
}
