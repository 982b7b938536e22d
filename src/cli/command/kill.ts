import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { forEachName, pathPart } from './_each.ts';

export const killCommand: CommandSpec = {
  summary: 'Kill running containers',
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container kill', 'kill'],
  flags: [stringFlag('signal', 's', 'Signal to send in place of SIGKILL')],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.client();
    const signal = args.string('signal') || undefined;
    return forEachName(context, args.operands, (name) => client.text('POST', `/containers/${pathPart(name)}/kill`, { query: { signal } }));
  },
};
