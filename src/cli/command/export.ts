import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { sinkOf } from '../http/interactive.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';
import { writeWhole } from './_write-whole.ts';

export const exportCommand: CommandSpec = {
  summary: 'Write the file system of a container as a tar archive',
  operands: '[OPTIONS] CONTAINER',
  aliases: ['container export', 'export'],
  flags: [stringFlag('output', 'o', 'File to write in place of standard output', { completes: 'file' })],
  arity: exactly(1),
  run: async (context, args) => {
    const output = args.string('output');
    const { stdout } = context.io;
    if (output === '' && stdout.isTTY === true) throw invalid('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    const client = await context.client();
    const body = client.stream('GET', `/containers/${pathPart(args.operand(0))}/export`, {});
    if (output !== '') {
      await writeWhole(output, body, 'export container');
      return 0;
    }
    const sink = sinkOf(stdout);
    for await (const bytes of body) await sink?.(bytes);
    return 0;
  },
};
