import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';

export const rmCommand: CommandSpec = {
  summary: 'Remove containers',
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container rm', 'container remove', 'rm'],
  flags: [
    boolFlag('force', 'f', 'Remove a running container too, with SIGKILL'),
    boolFlag('link', 'l', 'Remove the link of this name'),
    boolFlag('volumes', 'v', "Remove the container's anonymous volumes"),
  ],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.client();
    const force = args.bool('force');
    const query = { force, link: args.bool('link'), v: args.bool('volumes') };
    const removals = args.operands.map(async (operand) => {
      const name = operand.replace(/^\/+|\/+$/g, '');
      if (name === '') throw invalid('container name cannot be empty');
      await client.text('DELETE', `/containers/${pathPart(name)}`, { query });
    });
    const errors: string[] = [];
    for (const [index, result] of (await Promise.allSettled(removals)).entries()) {
      if (result.status === 'fulfilled') context.out(`${args.operand(index)}\n`);
      // With --force the wish is that it is gone, and it is.
      else if (force && isKind(result.reason, 'not-found')) context.err(`${messageOf(result.reason)}\n`);
      else errors.push(messageOf(result.reason));
    }
    if (errors.length > 0) throw new GantryError('internal', errors.join('\n'));
    return 0;
  },
};
