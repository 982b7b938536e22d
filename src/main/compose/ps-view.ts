import { formatDecimalSize, formatRoughDuration } from '#base/units.ts';
import { displayPorts, type ListedPort } from '#cli/print/ports.ts';
import { ellipsis, shortId } from '#cli/print/short.ts';
import { goTime } from '#cli/print/time.ts';
import { quote } from '#cli/template/literal.ts';
import { viewType, type View } from '#cli/template/value.ts';
import type { ObservedContainer } from '#compose/plan/observe.ts';

/** What the list of the API says of a container besides. */
export interface Listed {
  readonly Id: string;
  readonly Command: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Ports: readonly ListedPort[] | null;
  readonly SizeRw?: number;
  readonly Mounts?: readonly { readonly Name?: string; readonly Source?: string; readonly Driver?: string }[] | null;
}

export const PS_HEADER = {
  Command: 'COMMAND', CreatedAt: 'CREATED AT', ExitCode: 'EXIT CODE', Health: 'HEALTH', ID: 'CONTAINER ID', Image: 'IMAGE', Labels: 'LABELS', LocalVolumes: 'LOCAL VOLUMES', Mounts: 'MOUNTS', Name: 'NAME', Names: 'NAMES',
  Networks: 'NETWORKS', Ports: 'PORTS', Project: 'PROJECT', Publishers: 'PUBLISHERS', RunningFor: 'CREATED', Service: 'SERVICE', Size: 'SIZE', State: 'STATE', Status: 'STATUS',
} as const;

const COMMAND_WIDTH = 20;
const MOUNT_WIDTH = 15;

export interface ShownHow {
  readonly project: string;
  /** Off with --no-trunc. */
  readonly truncate: boolean;
  readonly nowMs: number;
}

/** A container as `docker compose ps --format` shows it. */
export function psView(container: ObservedContainer, listed: Listed, { project, truncate, nowMs }: ShownHow): View {
  const cut = (text: string, width: number): string => (truncate ? ellipsis(text, width) : text);
  const mounts = listed.Mounts ?? [];
  const ports = listed.Ports ?? [];
  return {
    [viewType]: '*formatter.ContainerContext',
    Command: quote(cut(listed.Command, COMMAND_WIDTH)), CreatedAt: goTime(listed.Created), ExitCode: Number(/^Exited \((\d+)\)/.exec(container.status)?.[1] ?? 0),
    Health: /\((healthy|unhealthy)\)/.exec(container.status)?.[1] ?? (container.status.includes('health: starting') ? 'starting' : ''),
    ID: truncate ? shortId(container.id) : container.id, Image: container.image, Labels: [...container.labels].map(([key, value]) => `${key}=${value}`).toSorted().join(','),
    Label: (name: unknown) => container.labels.get(String(name)) ?? '',
    LocalVolumes: String(mounts.filter(({ Driver }) => Driver === 'local').length), Mounts: mounts.map(({ Name, Source = '' }) => cut(Name || Source, MOUNT_WIDTH)).join(','),
    Name: container.name, Names: container.name, Networks: container.networks.toSorted().join(','), Ports: displayPorts(ports), Project: project,
    Publishers: ports.toSorted((a, b) => a.PrivatePort - b.PrivatePort).map(({ IP = '', PrivatePort, PublicPort = 0, Type }) => ({ URL: IP, TargetPort: PrivatePort, PublishedPort: PublicPort, Protocol: Type })),
    RunningFor: `${formatRoughDuration(nowMs / 1000 - listed.Created)} ago`, Service: container.service, Size: formatDecimalSize(listed.SizeRw ?? 0, 3), State: container.state, Status: container.status,
  };
}
