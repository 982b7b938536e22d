import { GantryError, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast, between, noOperands } from '../grammar/arity.ts';
import { boolFlag, listFlag, stringFlag } from '../grammar/flag.ts';
import { toMap } from '../lower/split.ts';
import { checkLabel } from '../lower/values.ts';
import { formatList, listField } from '../print/format.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';
import { filterFlag, filterQuery } from './_filters.ts';
import { listFormatFlag } from './_format-flag.ts';
import { compareNaturally } from './_natural.ts';
import { volumeHeader, volumeView, type ListedVolume } from '../print/volume-view.ts';

const list: CommandSpec = {
  summary: 'List volumes',
  operands: '[OPTIONS]',
  aliases: ['volume ls', 'volume list'],
  flags: [filterFlag(), listFormatFlag, boolFlag('quiet', 'q', 'Print names only')],
  arity: noOperands,
  run: async (context, args) => {
    const client = await context.client();
    const { Volumes } = await client.json<{ readonly Volumes: readonly ListedVolume[] | null }>('GET', '/volumes', { query: { filters: filterQuery(args.list('filter')) } });
    const views = (Volumes ?? []).toSorted((a, b) => compareNaturally(a.Name, b.Name)).map(volumeView);
    const format = args.string('format');
    const quiet = args.bool('quiet') && ['', 'table'].includes(format);
    context.out(quiet ? listField(views, 'Name') : await formatList(views, { format, columns: ['Driver', 'Name'], header: volumeHeader }));
    return 0;
  },
};

const create: CommandSpec = {
  summary: 'Create a volume',
  operands: '[OPTIONS] [VOLUME]',
  flags: [
    stringFlag('driver', 'd', 'Driver of the volume', { fallback: 'local' }),
    listFlag('label', '', 'Add a label (key=value)', { check: checkLabel }),
    stringFlag('name', '', 'Name of the volume', { hidden: true }),
    listFlag('opt', 'o', 'Option of the driver', { value: 'map' }),
  ],
  arity: between(0, 1),
  run: async (context, args) => {
    const operand = args.operands[0];
    if (operand !== undefined && args.string('name') !== '') throw invalid('conflicting options: cannot specify a volume-name through both --name and as a positional arg');
    const name = operand ?? args.string('name');
    const body = {
      Driver: args.string('driver'),
      ...(args.changed('opt') ? { DriverOpts: toMap(args.list('opt')) } : {}),
      ...(args.changed('label') ? { Labels: toMap(args.list('label')) } : {}),
      ...(name === '' ? {} : { Name: name }),
    };
    const client = await context.client();
    const { Name } = await client.json<{ readonly Name: string }>('POST', '/volumes/create', { json: body });
    context.out(`${Name}\n`);
    return 0;
  },
};

const remove: CommandSpec = {
  summary: 'Remove volumes',
  operands: '[OPTIONS] VOLUME [VOLUME...]',
  aliases: ['volume rm', 'volume remove'],
  flags: [boolFlag('force', 'f', 'Do not complain when it is not there')],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.client();
    const errors: string[] = [];
    for (const name of args.operands) {
      try {
        await client.text('DELETE', `/volumes/${pathPart(name)}`, { query: { force: args.bool('force') } });
        context.out(`${name}\n`);
      } catch (error) {
        errors.push(messageOf(error));
      }
    }
    if (errors.length > 0) throw new GantryError('internal', errors.join('\n'));
    return 0;
  },
};

export const volumeCommands = { list, create, remove };
