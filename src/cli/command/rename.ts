import { GantryError, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';

export const renameCommand: CommandSpec = {
  summary: 'Rename a container',
  operands: 'CONTAINER NEW_NAME',
  aliases: ['container rename', 'rename'],
  flags: [],
  arity: exactly(2),
  run: async (context, args) => {
    const [from, to] = [args.operand(0).trim(), args.operand(1).trim()];
    if (from === '' || to === '') throw invalid('Error: Neither old nor new names may be empty');
    const client = await context.client();
    try {
      await client.text('POST', `/containers/${pathPart(from)}/rename`, { query: { name: to } });
    } catch (error) {
      context.err(`${messageOf(error)}\n`);
      throw new GantryError('invalid', `Error: failed to rename container named ${from}`, { cause: error });
    }
    return 0;
  },
};
