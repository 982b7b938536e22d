import { parseImageName } from '../image-name.ts';
import { formatRoughDuration } from '#base/units.ts';
import { shortId } from '../print/short.ts';
import { formatDecimalSize } from '#base/units.ts';
import { goTime } from '../print/time.ts';
import { viewType, type View } from '../template/value.ts';

/** An image in the list of the API. */
export interface ListedImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize: number;
  readonly Containers: number;
}

export const imageHeader = {
  ID: 'IMAGE ID', Repository: 'REPOSITORY', Tag: 'TAG', Digest: 'DIGEST', CreatedSince: 'CREATED', CreatedAt: 'CREATED AT', Size: 'SIZE',
  Containers: 'CONTAINERS', VirtualSize: 'SIZE', SharedSize: 'SHARED SIZE', UniqueSize: 'UNIQUE SIZE',
} as const;

const NONE = '<none>';

export interface ImageViewOptions {
  readonly truncate: boolean;
  /** A row for each digest. */
  readonly digests: boolean;
  readonly nowMs: number;
}

/** The rows of one image: one for each of its names, or one without a name. */
export function imageViews(image: ListedImage, options: ImageViewOptions): readonly View[] {
  const tags = (image.RepoTags ?? []).filter((name) => name !== '<none>:<none>').map(parseImageName);
  const digests = (image.RepoDigests ?? []).filter((name) => name !== '<none>@<none>').map(parseImageName);
  if (tags.length === 0 && digests.length === 0) return [imageView(image, { repository: NONE, tag: NONE, digest: NONE }, options)];
  const rows: View[] = [];
  for (const { repository, tag = NONE } of tags) {
    const own = options.digests ? digests.filter((digest) => digest.repository === repository) : [];
    if (own.length === 0) rows.push(imageView(image, { repository, tag, digest: NONE }, options));
    for (const { digest = NONE } of own) rows.push(imageView(image, { repository, tag, digest }, options));
  }
  const untagged = digests.filter((digest) => !tags.some((tag) => tag.repository === digest.repository));
  const shown = options.digests ? untagged : untagged.filter((digest, index) => untagged.findIndex((other) => other.repository === digest.repository) === index);
  for (const { repository, digest = '' } of shown) rows.push(imageView(image, { repository, tag: NONE, digest: options.digests ? digest : '' }, options));
  return rows;
}

export interface ImageRow {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export function imageView(image: ListedImage, row: ImageRow, { truncate, nowMs }: Omit<ImageViewOptions, 'digests'>): View {
  return {
    [viewType]: '*formatter.imageContext',
    ID: truncate ? shortId(image.Id) : image.Id,
    Repository: row.repository,
    Tag: row.tag,
    Digest: row.digest,
    get CreatedSince() {
      return `${formatRoughDuration(nowMs / 1000 - image.Created)} ago`;
    },
    get CreatedAt() {
      return goTime(image.Created);
    },
    Size: formatDecimalSize(image.Size, 3),
    Containers: image.Containers === -1 ? 'N/A' : String(image.Containers),
    VirtualSize: formatDecimalSize(image.Size),
    SharedSize: image.SharedSize === -1 ? 'N/A' : formatDecimalSize(image.SharedSize),
    UniqueSize: image.Size === -1 || image.SharedSize === -1 ? 'N/A' : formatDecimalSize(image.Size - image.SharedSize),
  };
}
