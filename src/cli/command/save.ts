import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { outputFlag, writeArchive } from './_archive-output.ts';
import { platformQuery } from './_platform.ts';

export const saveCommand: CommandSpec = {
  summary: 'Save images to a tar archive or standard output',
  operands: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image save', 'save'],
  flags: [
    outputFlag,
    stringFlag('platform', '', 'Save only this platform (os/arch/variant)'),
  ],
  arity: atLeast(1),
  run: (context, args) => writeArchive(context, args.string('output'), 'save image', (client) => (
    client.stream('GET', '/images/get', { query: { names: args.operands, platform: platformQuery(args.string('platform')) } })
  )),
};
