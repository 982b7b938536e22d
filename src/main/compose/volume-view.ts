import { viewType, type View } from '#cli/template/value.ts';

/** A volume in the list of the API. */
export interface ListedVolume {
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Mountpoint: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export const VOLUME_HEADER = {
  Availability: 'AVAILABILITY', Driver: 'DRIVER', Group: 'GROUP', Labels: 'LABELS', Links: 'LINKS', Mountpoint: 'MOUNTPOINT', Name: 'VOLUME NAME', Scope: 'SCOPE', Size: 'SIZE', Status: 'STATUS',
} as const;

/** A volume as `docker compose volumes --format` shows it: nobody measures it, and there is no swarm that it could be of. */
export function volumeView({ Name, Driver, Scope, Mountpoint, Labels }: ListedVolume): View {
  const labels = Object.entries(Labels ?? {});
  return {
    [viewType]: '*formatter.volumeContext',
    Availability: 'N/A', Driver, Group: 'N/A', Labels: labels.map(([key, value]) => `${key}=${value}`).toSorted().join(','), Label: (name: unknown) => Labels?.[String(name)] ?? '',
    Links: 'N/A', Mountpoint, Name, Scope, Size: 'N/A', Status: 'N/A',
  };
}
