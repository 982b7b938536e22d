import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import { Demultiplexer } from '../http/demultiplex.ts';
import { sinkOf } from '../http/interactive.ts';
import { lowerTimestamp } from '../lower/timestamp.ts';
import { pathPart } from './_each.ts';
import type { InspectedContainer } from './_inspected-container.ts';

export const logsCommand: CommandSpec = {
  summary: 'Print what a container wrote',
  operands: '[OPTIONS] CONTAINER',
  aliases: ['container logs', 'logs'],
  flags: [
    boolFlag('details', '', 'Print the attributes of the log driver too'),
    boolFlag('follow', 'f', 'Go on as the container writes'),
    stringFlag('since', '', 'From this time on (2026-01-02T13:23:37Z, or 42m for 42 minutes ago)'),
    stringFlag('tail', 'n', 'Only so many lines from the end', { fallback: 'all' }),
    boolFlag('timestamps', 't', 'Print the time of each line'),
    stringFlag('until', '', 'Up to this time (2026-01-02T13:23:37Z, or 42m for 42 minutes ago)'),
  ],
  arity: exactly(1),
  run: async (context, args) => {
    const client = await context.client();
    const { Id, Config } = await client.json<InspectedContainer>('GET', `/containers/${pathPart(args.operand(0))}/json`);
    const query = {
      stdout: true,
      stderr: true,
      since: lowerTimestamp(args.string('since'), Date.now()),
      until: lowerTimestamp(args.string('until'), Date.now()),
      timestamps: args.bool('timestamps'),
      follow: args.bool('follow'),
      tail: args.string('tail'),
      details: args.bool('details'),
    };
    const sinks = { stdout: sinkOf(context.io.stdout), stderr: sinkOf(context.io.stderr) };
    const demultiplexer = new Demultiplexer(sinks);
    for await (const bytes of client.stream('GET', `/containers/${Id}/logs`, { query })) {
      await (Config.Tty ? sinks.stdout?.(bytes) : demultiplexer.push(bytes));
    }
    return 0;
  },
};
