import { parseImageName } from '../image-name.ts';
import { formatList } from '../print/format.ts';
import { formatDecimalSize } from '#base/units.ts';
import { buildCacheHeader, buildCacheView, inOrderOfUse, type BuildCacheRecord } from './_build-cache-view.ts';
import { containerHeader, containerView, type ListedContainer } from './_container-view.ts';
import { imageHeader, imageView, type ListedImage } from './_image-view.ts';
import { volumeHeader, volumeView, type ListedVolume } from '../print/volume-view.ts';

/** GET /system/df. */
export interface DiskUsage {
  readonly LayersSize: number;
  readonly Images: readonly ListedImage[] | null;
  readonly Containers: readonly ListedContainer[] | null;
  readonly Volumes: readonly ListedVolume[] | null;
  readonly BuildCache: readonly BuildCacheRecord[] | null;
}

const IMAGES = ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'];
const CONTAINERS = ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'];
const VOLUMES = ['Name', 'Links', 'Size'];
const BUILD_CACHE = ['ID', 'CacheType', 'Size', 'CreatedSince', 'LastUsedSince', 'UsageCount', 'Shared'];

/** `system df -v`: a table of images, one of containers, one of volumes, one of the build cache. */
export async function describeDiskUsage(usage: DiskUsage, nowMs: number): Promise<string> {
  const options = { truncate: true, nowMs };
  const images = (usage.Images ?? []).map((image) => {
    const { repository = '<none>', tag = '<none>' } = image.RepoTags?.[0] === undefined ? {} : parseImageName(image.RepoTags[0]);
    return imageView(image, { repository, tag, digest: '' }, options);
  });
  // The image's part of a container's size is listed with the image.
  const containers = (usage.Containers ?? []).map((container) => containerView({ ...container, SizeRootFs: 0 }, true, nowMs));
  const volumes = (usage.Volumes ?? []).map(volumeView);
  const records = usage.BuildCache ?? [];
  const cache = records.filter(({ Shared }) => !Shared).reduce((total, { Size }) => total + Size, 0);
  return [
    'Images space usage:\n\n',
    await formatList(images, { format: '', columns: IMAGES, header: imageHeader }),
    '\nContainers space usage:\n\n',
    await formatList(containers, { format: '', columns: CONTAINERS, header: containerHeader }),
    '\nLocal Volumes space usage:\n\n',
    await formatList(volumes, { format: '', columns: VOLUMES, header: volumeHeader }),
    `\nBuild cache usage: ${formatDecimalSize(cache)}\n\n`,
    await formatList(inOrderOfUse(records).map((record) => buildCacheView(record, nowMs)), { format: '', columns: BUILD_CACHE, header: buildCacheHeader }),
  ].join('');
}
