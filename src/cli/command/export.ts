import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { outputFlag, writeArchive } from './_archive-output.ts';
import { pathPart } from './_each.ts';

export const exportCommand: CommandSpec = {
  summary: 'Write the file system of a container as a tar archive',
  operands: '[OPTIONS] CONTAINER',
  aliases: ['container export', 'export'],
  flags: [outputFlag],
  arity: exactly(1),
  run: (context, args) => writeArchive(context, args.string('output'), 'export container', (client) => client.stream('GET', `/containers/${pathPart(args.operand(0))}/export`)),
};
