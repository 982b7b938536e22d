import { parseImageName } from '../image-name.ts';
import { formatRoughDuration } from '#base/units.ts';
import { displayPorts, type ListedPort } from '../print/ports.ts';
import { ellipsis, shortId } from '../print/short.ts';
import { formatDecimalSize } from '#base/units.ts';
import { goTime } from '../print/time.ts';
import { quote } from '../template/literal.ts';
import { viewType, type View } from '../template/value.ts';
import { joinLabels } from '../print/labels.ts';

/** A container in the list of the API. */
export interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Ports: readonly ListedPort[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly State: string;
  readonly Status: string;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly NetworkSettings?: { readonly Networks: Readonly<Record<string, unknown>> | null } | null;
  readonly Mounts?: readonly { readonly Name?: string; readonly Source?: string; readonly Driver?: string }[] | null;
  readonly ImageManifestDescriptor?: { readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string } } | null;
}

export const containerHeader = {
  ID: 'CONTAINER ID', Names: 'NAMES', Image: 'IMAGE', Command: 'COMMAND', CreatedAt: 'CREATED AT', RunningFor: 'CREATED', Ports: 'PORTS', State: 'STATE',
  Status: 'STATUS', Size: 'SIZE', Labels: 'LABELS', Mounts: 'MOUNTS', LocalVolumes: 'LOCAL VOLUMES', Networks: 'NETWORKS', Platform: 'PLATFORM',
} as const;

const COMMAND_WIDTH = 20;
const MOUNT_WIDTH = 15;

/** What a list of containers may show of one. `truncate` is off with --no-trunc; `nowMs` is the present. */
export function containerView(container: ListedContainer, truncate: boolean, nowMs: number): View {
  const labels = container.Labels ?? {};
  const mounts = container.Mounts ?? [];
  return {
    [viewType]: '*formatter.ContainerContext',
    get ID() {
      return truncate ? shortId(container.Id) : container.Id;
    },
    get Names() {
      return names(container.Names ?? [], truncate);
    },
    get Image() {
      return image(container, truncate);
    },
    get Command() {
      return quote(truncate ? ellipsis(container.Command, COMMAND_WIDTH) : container.Command);
    },
    get CreatedAt() {
      return goTime(container.Created);
    },
    get RunningFor() {
      return `${formatRoughDuration(nowMs / 1000 - container.Created)} ago`;
    },
    get Platform() {
      const platform = container.ImageManifestDescriptor?.platform;
      return platform === undefined ? null : [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
    },
    get Ports() {
      return displayPorts(container.Ports ?? []);
    },
    get State() {
      return container.State;
    },
    get Status() {
      return container.Status;
    },
    get Size() {
      const own = formatDecimalSize(container.SizeRw ?? 0, 3);
      const whole = container.SizeRootFs ?? 0;
      return whole > 0 ? `${own} (virtual ${formatDecimalSize(whole, 3)})` : own;
    },
    get Labels() {
      return joinLabels(labels);
    },
    Label: (name: unknown) => labels[String(name)] ?? '',
    get Mounts() {
      return mounts.map(({ Name, Source }) => Name || (Source ?? '')).map((name) => (truncate ? ellipsis(name, MOUNT_WIDTH) : name)).join(',');
    },
    get LocalVolumes() {
      return String(mounts.filter(({ Driver }) => Driver === 'local').length);
    },
    get Networks() {
      return Object.keys(container.NetworkSettings?.Networks ?? {}).toSorted().join(',');
    },
  };
}

/** A container has further names of the form /other/alias when it is linked. */
function names(given: readonly string[], truncate: boolean): string {
  const bare = given.map((name) => name.slice(1));
  const own = truncate ? bare.find((name) => !name.includes('/')) : undefined;
  return own ?? bare.join(',');
}

function image({ Image, ImageID }: ListedContainer, truncate: boolean): string {
  if (Image === '') return '<no image>';
  if (!truncate) return Image;
  if (shortId(ImageID) === shortId(Image)) return shortId(ImageID);
  if (/^sha256:/.test(Image)) return Image;
  const { repository, tag } = parseImageName(Image);
  return tag === undefined ? repository : `${repository}:${tag}`;
}
