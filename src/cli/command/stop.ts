import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { forEachName, pathPart } from './_each.ts';
import { stopFlags, stopQuery } from './_stop-flags.ts';

export const stopCommand: CommandSpec = {
  summary: 'Stop running containers',
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container stop', 'stop'],
  flags: stopFlags,
  arity: atLeast(1),
  run: async (context, args) => {
    const query = stopQuery(args);
    const client = await context.client();
    return forEachName(context, args.operands, (name) => client.text('POST', `/containers/${pathPart(name)}/stop`, { query }));
  },
};
