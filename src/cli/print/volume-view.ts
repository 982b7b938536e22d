import { formatDecimalSize } from '#base/units.ts';
import { viewType, type View } from '../template/value.ts';
import { joinLabels } from './labels.ts';

/** A volume in the list of the API. */
export interface ListedVolume {
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Mountpoint: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly UsageData?: { readonly Size: number; readonly RefCount: number } | null;
}

export const volumeHeader = {
  ID: 'ID', Name: 'VOLUME NAME', Group: 'GROUP', Driver: 'DRIVER', Scope: 'SCOPE', Availability: 'AVAILABILITY', Mountpoint: 'MOUNTPOINT', Labels: 'LABELS',
  Links: 'LINKS', Size: 'SIZE', Status: 'STATUS',
};

/** Group, availability and status belong to volumes of a swarm, which there are none of. */
export function volumeView(volume: ListedVolume): View {
  const labels = volume.Labels ?? {};
  const usage = volume.UsageData ?? undefined;
  return {
    [viewType]: '*formatter.volumeContext',
    Name: volume.Name,
    Driver: volume.Driver,
    Scope: volume.Scope,
    Mountpoint: volume.Mountpoint,
    Labels: joinLabels(labels),
    Label: (name: unknown) => labels[String(name)] ?? '',
    Links: usage === undefined ? 'N/A' : String(usage.RefCount),
    Size: usage === undefined ? 'N/A' : formatDecimalSize(usage.Size),
    Group: 'N/A',
    Availability: 'N/A',
    Status: 'N/A',
  };
}
