import { formatTimeNs } from '#base/clock.ts';
import type { Image } from '#container/model/image.ts';
import { familiarName } from '../familiar-name.ts';
import type { ImageConfig } from '../image-config.ts';
import type { ApiVersion } from '../version.ts';
import { STORAGE_DRIVER } from './container-inspect.ts';

const NO_TIME = '0001-01-01T00:00:00Z';

export function imageSize(image: Image): number {
  return image.layerSizes.reduce((sum, size) => sum + size, 0);
}

function secondsOf(created: string): number {
  const ms = Date.parse(created);
  return Number.isFinite(ms) ? Math.floor(ms / 1000) : 0;
}

export function createdOf(image: Image, config: ImageConfig): number {
  return config.created === '' ? 0 : secondsOf(config.created);
}

/** One entry of `GET /images/json`. -1 stands for a number that was not asked for. */
export function renderImageSummary(image: Image, config: ImageConfig, counts: { readonly containers: number; readonly sharedSize: number }, version: ApiVersion) {
  const size = imageSize(image);
  const tags = image.tags.map(familiarName);
  const digests = image.digests.map(familiarName);
  const isNameless = version < 1043 && tags.length === 0 && digests.length === 0;
  return {
    Containers: version < 1051 ? -1 : counts.containers,
    Created: createdOf(image, config),
    Id: image.id,
    Labels: config.config.Labels,
    ParentId: image.parent ?? '',
    RepoDigests: isNameless ? ['<none>@<none>'] : digests,
    RepoTags: isNameless ? ['<none>:<none>'] : tags,
    SharedSize: counts.sharedSize,
    Size: size,
    ...(version < 1044 ? { VirtualSize: size } : {}),
  };
}

/** Fields of `Config` that answers always had, whether the image sets them or not. */
const ALWAYS = { Cmd: null, Entrypoint: null, Env: null, Labels: null, OnBuild: null, User: '', Volumes: null, WorkingDir: '' };
const ALWAYS_BEFORE_1_50 = {
  ...ALWAYS, AttachStderr: false, AttachStdin: false, AttachStdout: false, Domainname: '', Hostname: '', Image: '', OpenStdin: false, StdinOnce: false, Tty: false,
};
/** Fields of a container that old images carry, and that say nothing about an image. */
const NOT_OF_IMAGES = new Set(['AttachStderr', 'AttachStdin', 'AttachStdout', 'Domainname', 'Hostname', 'Image', 'OpenStdin', 'StdinOnce', 'Tty', 'NetworkDisabled', 'MacAddress', 'StopTimeout']);

function renderConfig(config: ImageConfig, version: ApiVersion) {
  const own = Object.entries(config.config).filter(([name, value]) => value !== null && !NOT_OF_IMAGES.has(name));
  return { ...(version < 1050 ? ALWAYS_BEFORE_1_50 : ALWAYS), ...Object.fromEntries(own) };
}

/** `GET /images/{name}/json`. */
export function renderImage(image: Image, config: ImageConfig, version: ApiVersion) {
  const size = imageSize(image);
  return {
    Id: image.id,
    RepoTags: image.tags.map(familiarName),
    RepoDigests: image.digests.map(familiarName),
    Parent: image.parent ?? '',
    // Of its last step, where it has none of its own, as Docker does.
    Comment: image.comment === '' ? config.history.at(-1)?.comment ?? '' : image.comment,
    ...(config.created === '' && version >= 1044 ? {} : { Created: config.created === '' ? NO_TIME : config.created }),
    DockerVersion: config.dockerVersion,
    Author: config.author,
    Architecture: config.architecture,
    ...(config.variant === '' ? {} : { Variant: config.variant }),
    Os: config.os,
    ...(config.osVersion === '' ? {} : { OsVersion: config.osVersion }),
    Size: size,
    ...(version < 1044 ? { VirtualSize: size } : {}),
    GraphDriver: { Data: null, Name: STORAGE_DRIVER },
    RootFS: image.diffIds.length === 0 ? { Type: 'layers' } : { Type: 'layers', Layers: image.diffIds },
    Metadata: { LastTagTime: image.tags.length === 0 ? NO_TIME : formatTimeNs(BigInt(image.createdNs)) },
    Config: renderConfig(config, version),
    // Ours: Docker lists them only for another kind of store, and only when asked.
    ...(image.attestations === undefined ? {} : { Attestations: image.attestations.map(({ digest, predicateTypes }) => ({ Digest: digest, PredicateTypes: predicateTypes })) }),
  };
}

/** `GET /images/{name}/history`: newest first, and only the newest has an id. */
export function renderHistory(image: Image, config: ImageConfig) {
  const sizes = [...image.layerSizes];
  const entries = config.history.length > 0
    ? config.history
    : image.layerSizes.map(() => ({ created: config.created, createdBy: '', comment: '', isEmpty: false }));
  const rows = entries.map((entry) => ({
    Comment: entry.comment,
    Created: secondsOf(entry.created),
    CreatedBy: entry.createdBy,
    Id: '<missing>',
    Size: entry.isEmpty ? 0 : (sizes.shift() ?? 0),
    Tags: null as readonly string[] | null,
  })).reverse();
  const [newest, ...older] = rows;
  if (newest === undefined) return [];
  return [{ ...newest, Id: image.id, Tags: image.tags.length === 0 ? null : image.tags.map(familiarName) }, ...older];
}
