import type { CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import { formatList } from '../print/format.ts';
import { formatDecimalSize } from '#base/units.ts';
import { viewType, type View } from '../template/value.ts';
import { describeDiskUsage, type DiskUsage } from './_disk-usage.ts';
import { listFormatFlag } from './_format-flag.ts';

const COLUMNS = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'];
const header = { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' };
const ACTIVE_STATES: ReadonlySet<string> = new Set(['running', 'paused', 'restarting']);

export const systemDfCommand: CommandSpec = {
  summary: 'Show the disk space in use',
  operands: '[OPTIONS]',
  flags: [listFormatFlag, boolFlag('verbose', 'v', 'Show each image, container and volume')],
  arity: noOperands,
  run: async (context, args) => {
    const client = await context.client();
    const usage = await client.json<DiskUsage>('GET', '/system/df');
    const format = args.string('format');
    const detailed = args.bool('verbose') && (format === '' || format === 'table');
    context.out(await (detailed ? describeDiskUsage(usage, Date.now()) : formatList(usageRows(usage), { format, columns: COLUMNS, header })));
    return 0;
  },
};

function usageRows(usage: DiskUsage): readonly View[] {
  const images = usage.Images ?? [];
  const containers = usage.Containers ?? [];
  const volumes = (usage.Volumes ?? []).map(({ UsageData }) => UsageData ?? { Size: -1, RefCount: 0 });
  const records = usage.BuildCache ?? [];
  const sized = volumes.filter(({ Size }) => Size !== -1);
  const imagesUsed = sum(images.filter((image) => image.Containers !== 0 && image.Size !== -1 && image.SharedSize !== -1), (image) => image.Size - image.SharedSize);
  const containerSize = sum(containers, ({ SizeRw = 0 }) => SizeRw);
  const stopped = containers.filter(({ State }) => !ACTIVE_STATES.has(State));
  const volumeSize = sum(sized, ({ Size }) => Size);
  const cacheSize = sum(records.filter(({ Shared }) => !Shared), ({ Size }) => Size);
  const cacheUsed = sum(records.filter(({ InUse, Shared }) => InUse && !Shared), ({ Size }) => Size);
  return [
    row('Images', images.length, images.filter((image) => image.Containers > 0).length, usage.LayersSize, share(usage.LayersSize - imagesUsed, usage.LayersSize)),
    row('Containers', containers.length, containers.length - stopped.length, containerSize, share(sum(stopped, ({ SizeRw = 0 }) => SizeRw), containerSize)),
    row('Local Volumes', volumes.length, volumes.filter(({ RefCount }) => RefCount > 0).length, volumeSize, share(sum(sized.filter(({ RefCount }) => RefCount === 0), ({ Size }) => Size), volumeSize)),
    row('Build Cache', records.length, records.filter(({ InUse }) => InUse).length, cacheSize, formatDecimalSize(cacheSize - cacheUsed)),
  ];
}

function row(type: string, total: number, active: number, size: number, reclaimable: string): View {
  return { [viewType]: '*formatter.diskUsageContext', Type: type, TotalCount: String(total), Active: String(active), Size: formatDecimalSize(size), Reclaimable: reclaimable };
}

/** `1.2MB (34%)`; without a whole there is no share. */
function share(part: number, whole: number): string {
  return whole > 0 ? `${formatDecimalSize(part)} (${Math.trunc((part * 100) / whole)}%)` : formatDecimalSize(part);
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
