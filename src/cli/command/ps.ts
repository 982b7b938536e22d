import { GantryError, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { boolFlag, intFlag } from '../grammar/flag.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import { formatList, listField } from '../print/format.ts';
import { containerHeader, containerView, type ListedContainer } from './_container-view.ts';
import { filterFlag, filterQuery } from './_filters.ts';
import { listFormatFlag } from './_format-flag.ts';

const COLUMNS = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'];

export const psCommand: CommandSpec = {
  summary: 'List containers',
  operands: '[OPTIONS]',
  aliases: ['container ls', 'container list', 'container ps', 'ps'],
  flags: [
    boolFlag('all', 'a', 'Show stopped containers too'),
    filterFlag(),
    listFormatFlag,
    intFlag('last', 'n', 'Show the last so many containers, stopped ones too', { fallback: '-1' }),
    boolFlag('latest', 'l', 'Show the last container, though it is stopped'),
    boolFlag('no-trunc', '', 'Cut nothing short'),
    boolFlag('quiet', 'q', 'Print ids only'),
    boolFlag('size', 's', 'Show sizes'),
  ],
  arity: noOperands,
  run: async (context, args) => {
    const quiet = args.bool('quiet');
    const format = args.string('format');
    if (quiet && format !== '') context.err('WARNING: Ignoring custom format, because both --format and --quiet are set.\n');
    const usesSize = !['', 'table', 'json'].includes(format) && (await probeSize(format));
    const size = args.bool('size') || (usesSize && !quiet && !args.changed('size'));
    const last = args.bool('latest') && args.int('last') === -1 ? 1 : args.int('last');
    const client = await context.client();
    const query = { all: args.bool('all'), limit: last > 0 ? last : undefined, size, filters: filterQuery(args.list('filter')) };
    const containers = await client.json<readonly ListedContainer[]>('GET', '/containers/json', { query });
    const views = containers.map((container) => containerView(container, !args.bool('no-trunc'), Date.now()));
    context.out(quiet ? listField(views, 'ID') : await formatList(views, { format, columns: columnsOf(args, size), header: containerHeader }));
    return 0;
  },
};

function columnsOf(args: ParsedArgs, size: boolean): readonly string[] {
  return size && args.string('format') === '' ? [...COLUMNS, 'Size'] : COLUMNS;
}

/** Whether a template shows sizes, which cost the daemon much; `json` does without. It is also checked here, before anything is asked. */
async function probeSize(format: string): Promise<boolean> {
  const probe = { used: false };
  const { compileTemplate } = await import('../template/template.ts');
  const template = attempt('failed to parse template', () => compileTemplate(format));
  const empty: ListedContainer = {
    Id: '', Names: [], Image: '', ImageID: '', Command: '', Created: 0, Ports: [], Labels: {}, State: '', Status: '', Mounts: [],
    get SizeRw() {
      probe.used = true;
      return 0;
    },
  };
  attempt('failed to execute template', () => template.execute(containerView(empty, true, 0)));
  return probe.used;
}

function attempt<T>(complaint: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new GantryError('invalid', `${complaint}: ${messageOf(error)}`, { cause: error });
  }
}
