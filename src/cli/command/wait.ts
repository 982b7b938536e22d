import { GantryError, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { pathPart } from './_each.ts';

export const waitCommand: CommandSpec = {
  summary: 'Wait for containers to stop, then print their exit codes',
  operands: 'CONTAINER [CONTAINER...]',
  aliases: ['container wait', 'wait'],
  flags: [],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.client();
    const errors: string[] = [];
    for (const name of args.operands) {
      try {
        const { StatusCode } = await client.json<{ readonly StatusCode: number }>('POST', `/containers/${pathPart(name)}/wait`);
        context.out(`${StatusCode}\n`);
      } catch (error) {
        errors.push(messageOf(error));
      }
    }
    if (errors.length > 0) throw new GantryError('internal', errors.join('\n'));
    return 0;
  },
};
