import { isKind } from '#base/error.ts';
import { imageName } from '../lower/names.ts';
import type { Project } from '../model/project.ts';
import { label } from '../value/labels.ts';
import { imagePath, labelFilter, type DockerApi } from './docker-api.ts';

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly number: number;
  readonly oneOff: boolean;
  /** `running`, `exited`, `created`, `paused`, `restarting`, `removing`, `dead`. */
  readonly state: string;
  /** For a person: `Up 2 seconds (healthy)`. */
  readonly status: string;
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly networks: readonly string[];
  readonly volumes: readonly { readonly name: string; readonly target: string; readonly readOnly: boolean }[];
}

/** What the daemon has of a project, at one moment. */
export interface Observation {
  readonly containers: readonly ObservedContainer[];
  /** Ids by name, of all networks. */
  readonly networks: ReadonlyMap<string, ObservedResource>;
  readonly volumes: ReadonlyMap<string, ObservedResource>;
  /** Ids of the images that services name; undefined for one that is not there. */
  readonly images: ReadonlyMap<string, string | undefined>;
}

export interface ObservedResource {
  readonly id: string;
  readonly labels: ReadonlyMap<string, string>;
}

interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly State: string;
  readonly Status: string;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, { readonly NetworkID?: string }>> | null } | null;
  readonly Mounts?: readonly { readonly Type?: string; readonly Name?: string; readonly Destination?: string; readonly RW?: boolean }[] | null;
}

type Labels = Readonly<Record<string, string>> | null | undefined;
const labelsOf = (labels: Labels): ReadonlyMap<string, string> => new Map(Object.entries(labels ?? {}));

/** Containers of a project, stopped ones and runs of single commands too. */
export async function observeContainers(api: DockerApi, project: string): Promise<ObservedContainer[]> {
  const listed = await api.json<readonly ListedContainer[]>('GET', '/containers/json', { query: { all: true, filters: labelFilter(`${label.project}=${project}`) } });
  return listed.map(containerOf).sort((a, b) => a.number - b.number);
}

function containerOf(listed: ListedContainer): ObservedContainer {
  const labels = labelsOf(listed.Labels);
  const name = (listed.Names ?? []).map((path) => path.slice(1)).find((path) => !path.includes('/')) ?? listed.Id.slice(0, 12);
  return {
    id: listed.Id, name, labels, state: listed.State, status: listed.Status, image: listed.Image,
    service: labels.get(label.service) ?? '', number: Number(labels.get(label.number) ?? 0), oneOff: labels.get(label.oneOff) === 'True',
    networks: Object.keys(listed.NetworkSettings?.Networks ?? {}),
    volumes: (listed.Mounts ?? []).filter(({ Type }) => Type === 'volume').map(({ Name = '', Destination = '', RW = true }) => ({ name: Name, target: Destination, readOnly: !RW })),
  };
}

/** Everything that planning needs to know, asked for at the same time. */
export async function observe(api: DockerApi, project: Project): Promise<Observation> {
  const names = [...new Set([...project.services].filter(([, { provider }]) => provider === undefined).map(([name, service]) => imageName(project, name, service)))];
  const [containers, networks, volumes, images] = await Promise.all([
    observeContainers(api, project.name), observeNetworks(api), project.volumes.size === 0 ? new Map() : observeVolumes(api), Promise.all(names.map(async (image) => [image, await imageId(api, image)] as const)),
  ]);
  return { containers, networks, volumes, images: new Map(images) };
}

export async function observeNetworks(api: DockerApi): Promise<ReadonlyMap<string, ObservedResource>> {
  const listed = await api.json<readonly { readonly Id: string; readonly Name: string; readonly Labels: Labels }[]>('GET', '/networks');
  return new Map(listed.map(({ Id, Name, Labels }) => [Name, { id: Id, labels: labelsOf(Labels) }]));
}

export async function observeVolumes(api: DockerApi): Promise<ReadonlyMap<string, ObservedResource>> {
  const { Volumes } = await api.json<{ readonly Volumes: readonly { readonly Name: string; readonly Labels: Labels }[] | null }>('GET', '/volumes');
  return new Map((Volumes ?? []).map(({ Name, Labels }) => [Name, { id: Name, labels: labelsOf(Labels) }]));
}

export async function imageId(api: DockerApi, image: string): Promise<string | undefined> {
  try {
    return (await api.json<{ readonly Id: string }>('GET', `/images/${imagePath(image)}/json`)).Id;
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) return undefined;
    throw thrown;
  }
}
