import { GantryError } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import type { ApiClient } from '../http/api-client.ts';
import { formatDecimalSize } from '#base/units.ts';
import { invalid } from '../status-error.ts';
import { confirm } from './_confirm.ts';
import { filterFlag, filterQuery } from './_filters.ts';

type Prunable = 'container' | 'image' | 'network' | 'volume';

interface PruneReport {
  readonly ContainersDeleted?: readonly string[] | null;
  readonly NetworksDeleted?: readonly string[] | null;
  readonly VolumesDeleted?: readonly string[] | null;
  readonly ImagesDeleted?: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null;
  readonly SpaceReclaimed?: number;
}

interface Pruned {
  readonly bytes: number;
  readonly text: string;
}

const WARNINGS: Readonly<Record<Prunable, readonly [some: string, all: string]>> = {
  container: ['all stopped containers.', 'all stopped containers.'],
  image: ['all dangling images.', 'all images without at least one container associated to them.'],
  network: ['all custom networks not used by at least one container.', 'all custom networks not used by at least one container.'],
  volume: ['anonymous local volumes not used by at least one container.', 'all local volumes not used by at least one container.'],
};

const forceFlag = boolFlag('force', 'f', 'Do not ask');

/** `container prune`, `image prune` and so on. */
export function pruneCommandOf(type: Prunable): CommandSpec {
  const hasAll = type === 'image' || type === 'volume';
  return {
    summary: `Remove unused ${type}s`,
    operands: '[OPTIONS]',
    flags: [
      ...(hasAll ? [boolFlag('all', 'a', type === 'image' ? 'Remove every unused image, not only those without a name' : 'Remove named volumes too')] : []),
      filterFlag('Remove only what matches (name=value)', ''),
      forceFlag,
    ],
    arity: noOperands,
    run: async (context, args) => {
      const all = hasAll && args.bool('all');
      const question = `WARNING! This will remove ${WARNINGS[type][all ? 1 : 0]}\nAre you sure you want to continue?`;
      if (!args.bool('force') && !(await confirm(context, question))) throw new GantryError('interrupted', `${type} prune has been cancelled`);
      const { bytes, text } = await prune(await context.client(), type, all, args.list('filter'));
      context.out(text === '' ? '' : `${text}\n`);
      if (type !== 'network') context.out(`Total reclaimed space: ${formatDecimalSize(bytes)}\n`);
      return 0;
    },
  };
}

export const systemPruneCommand: CommandSpec = {
  summary: 'Remove unused data',
  operands: '[OPTIONS]',
  flags: [
    boolFlag('all', 'a', 'Remove every unused image, not only those without a name'),
    filterFlag('Remove only what matches (name=value)', ''),
    forceFlag,
    boolFlag('volumes', '', 'Remove anonymous volumes too'),
  ],
  arity: noOperands,
  run: async (context, args) => {
    const [all, volumes, filters] = [args.bool('all'), args.bool('volumes'), args.list('filter')];
    if (volumes && filters.some((filter) => filter.startsWith('until='))) throw invalid('ERROR: The "until" filter is not supported with "--volumes"');
    if (!args.bool('force') && !(await confirm(context, systemWarning(all, volumes, filters)))) {
      throw new GantryError('interrupted', 'system prune has been cancelled');
    }
    const client = await context.client();
    let bytes = 0;
    for (const type of ['container', 'network', ...(volumes ? ['volume' as const] : []), 'image'] as const) {
      const pruned = await prune(client, type, all && type === 'image', filters);
      bytes += pruned.bytes;
      context.out(pruned.text === '' ? '' : `${pruned.text}\n`);
    }
    context.out(`Total reclaimed space: ${formatDecimalSize(bytes)}\n`);
    return 0;
  },
};

function systemWarning(all: boolean, volumes: boolean, filters: readonly string[]): string {
  const lines = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
  ];
  const filtered = filters.length === 0 ? '' : `\n  Items to be pruned will be filtered with:${filters.map((filter) => `\n  - ${filter}`).join('')}\n`;
  return `WARNING! This will remove:${lines.map((line) => `\n  - ${line}`).join('')}\n${filtered}\nAre you sure you want to continue?`;
}

async function prune(client: ApiClient, type: Prunable, all: boolean, filters: readonly string[]): Promise<Pruned> {
  const extra = type === 'image' ? [`dangling=${all ? 'false' : 'true'}`] : type === 'volume' && all ? ['all=true'] : [];
  const report = await client.json<PruneReport>('POST', `/${type}s/prune`, { query: { filters: filterQuery([...filters, ...extra]) } });
  const deleted: Readonly<Record<Prunable, readonly string[]>> = {
    container: report.ContainersDeleted ?? [],
    network: report.NetworksDeleted ?? [],
    volume: report.VolumesDeleted ?? [],
    image: (report.ImagesDeleted ?? []).map(({ Untagged, Deleted }) => (Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted ?? ''}`)),
  };
  const names = deleted[type];
  const title = `Deleted ${type.charAt(0).toUpperCase()}${type.slice(1)}s:`;
  return { bytes: names.length === 0 ? 0 : (report.SpaceReclaimed ?? 0), text: names.length === 0 ? '' : `${title}\n${names.join('\n')}\n` };
}
