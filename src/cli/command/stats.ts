import { setTimeout as delay } from 'node:timers/promises';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import type { ApiClient } from '../http/api-client.ts';
import { formatList } from '../print/format.ts';
import { pathPart } from './_each.ts';
import { listFormatFlag } from './_format-flag.ts';
import { statsHeader, statsView, type ContainerStats } from './_stats-view.ts';

const COLUMNS = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'];
const PERIOD_MS = 1000;

export const statsCommand: CommandSpec = {
  summary: 'Show what containers use',
  operands: '[OPTIONS] [CONTAINER...]',
  aliases: ['container stats', 'stats'],
  flags: [
    boolFlag('all', 'a', 'Show stopped containers too'),
    listFormatFlag,
    boolFlag('no-stream', '', 'Print once'),
    boolFlag('no-trunc', '', 'Cut nothing short'),
  ],
  arity: atLeast(0),
  run: async (context, args) => {
    const client = await context.client();
    const options = { format: args.string('format'), columns: COLUMNS, header: statsHeader };
    for (;;) {
      const names = args.operands.length > 0 ? args.operands : await listIds(client, args.bool('all'));
      const stats = await Promise.all(names.map((name) => sample(client, name)));
      const text = await formatList(stats.map(({ name, stats: one }) => statsView(name, one, !args.bool('no-trunc'))), options);
      if (args.bool('no-stream')) {
        context.out(text);
        return 0;
      }
      redraw(context, text);
      await delay(PERIOD_MS);
    }
  },
};

/** Rewrites the screen from its top; what is left of the old text is erased. */
function redraw(context: CliContext, text: string): void {
  context.out(`\x1b[H${text.split('\n').map((line) => `${line} \x1b[K\n`).join('')}\x1b[J`);
}

async function listIds(client: ApiClient, all: boolean): Promise<readonly string[]> {
  const containers = await client.json<readonly { readonly Id: string }[]>('GET', '/containers/json', { query: { all } });
  return containers.map(({ Id }) => Id);
}

/** The daemon takes two samples a second apart, for the share of the CPU is a difference. */
async function sample(client: ApiClient, name: string): Promise<{ readonly name: string; readonly stats: ContainerStats }> {
  return { name, stats: await client.json<ContainerStats>('GET', `/containers/${pathPart(name)}/stats`, { query: { stream: '0' } }) };
}
