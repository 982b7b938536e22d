import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { alignTabs } from '../print/table.ts';
import { pathPart } from './_each.ts';

interface ProcessList {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[] | null;
}

export const topCommand: CommandSpec = {
  summary: 'Show the processes of a container',
  operands: 'CONTAINER [ps OPTIONS]',
  aliases: ['container top', 'top'],
  flags: [],
  arity: atLeast(1),
  stopAtOperand: true,
  run: async (context, args) => {
    const client = await context.client();
    const [container = '', ...psArgs] = args.operands;
    const query = { ps_args: psArgs.length === 0 ? undefined : psArgs.join(' ') };
    const list = await client.json<ProcessList>('GET', `/containers/${pathPart(container)}/top`, { query });
    const rows = [list.Titles, ...(list.Processes ?? [])].map((cells) => `${cells.join('\t')}\n`);
    context.out(alignTabs(rows.join(''), { minWidth: 20, padding: 3 }));
    return 0;
  },
};
