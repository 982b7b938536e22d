import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { forEachName, pathPart } from './_each.ts';

function freezer(verb: 'pause' | 'unpause', summary: string): CommandSpec {
  return {
    summary,
    operands: 'CONTAINER [CONTAINER...]',
    aliases: [`container ${verb}`, verb],
    flags: [],
    arity: atLeast(1),
    run: async (context, args) => {
      const client = await context.client();
      return forEachName(context, args.operands, (name) => client.text('POST', `/containers/${pathPart(name)}/${verb}`));
    },
  };
}

export const pauseCommand = freezer('pause', 'Pause all processes of containers');
export const unpauseCommand = freezer('unpause', 'Let paused containers run on');
