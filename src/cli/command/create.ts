import { messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { StatusError } from '../status-error.ts';
import { createBody, createContainer } from './_create-container.ts';
import { containerFlags } from './_run-flags.ts';

const BAD_REQUEST = 125;

export const createCommand: CommandSpec = {
  summary: 'Create a container without starting it',
  operands: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  aliases: ['container create', 'create'],
  flags: containerFlags,
  arity: atLeast(1),
  stopAtOperand: true,
  run: async (context, args) => {
    const body = (() => {
      try {
        return createBody(context, args);
      } catch (error) {
        throw new StatusError(BAD_REQUEST, `${context.program}: ${messageOf(error)}\n\nRun '${context.program} create --help' for more information`);
      }
    })();
    context.out(`${await createContainer(context, args, body)}\n`);
    return 0;
  },
};
