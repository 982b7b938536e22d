import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { sinkOf } from '../http/interactive.ts';
import { invalid } from '../status-error.ts';
import { platformQuery } from './_platform.ts';
import { writeWhole } from './_write-whole.ts';

export const saveCommand: CommandSpec = {
  summary: 'Save images to a tar archive or standard output',
  operands: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image save', 'save'],
  flags: [
    stringFlag('output', 'o', 'File to write in place of standard output', { completes: 'file' }),
    stringFlag('platform', '', 'Save only this platform (os/arch/variant)'),
  ],
  arity: atLeast(1),
  run: async (context, args) => {
    const output = args.string('output');
    const { stdout } = context.io;
    if (output === '' && stdout.isTTY === true) throw invalid('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    const client = await context.client();
    const query = { names: args.operands, platform: platformQuery(args.string('platform')) };
    const body = client.stream('GET', '/images/get', { query });
    if (output !== '') {
      await writeWhole(output, body, 'save image');
      return 0;
    }
    const sink = sinkOf(stdout);
    for await (const bytes of body) await sink?.(bytes);
    return 0;
  },
};
