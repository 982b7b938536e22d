import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { invalid } from '../status-error.ts';
import { outputFlag, writeArchive } from './_archive-output.ts';
import { pathPart } from './_each.ts';
import { openFile } from './_open-file.ts';

/** A volume under another name. What Docker has no words for: the daemon must be ours. */
function renamed(verb: 'rename' | 'clone', summary: string): CommandSpec {
  return {
    summary,
    operands: 'VOLUME NEW_NAME',
    flags: [],
    arity: exactly(2),
    run: async (context, args) => {
      const client = await context.client();
      const { Name } = await client.json<{ readonly Name: string }>('POST', `/volumes/${pathPart(args.operand(0))}/${verb}`, { query: { name: args.operand(1) } });
      context.out(`${Name}\n`);
      return 0;
    },
  };
}

const exportVolume: CommandSpec = {
  summary: 'Write the files of a volume as a tar archive',
  operands: '[OPTIONS] VOLUME',
  flags: [outputFlag],
  arity: exactly(1),
  run: (context, args) => writeArchive(context, args.string('output'), 'export volume', (client) => client.stream('GET', `/volumes/${pathPart(args.operand(0))}/export`)),
};

const importVolume: CommandSpec = {
  summary: 'Unpack a tar archive into a volume, which is made if it is not there',
  operands: '[OPTIONS] VOLUME',
  flags: [stringFlag('input', 'i', 'Archive to read in place of standard input', { completes: 'file' })],
  arity: exactly(1),
  run: async (context, args) => {
    const { stdin } = context.io;
    const input = args.string('input');
    if (input === '' && stdin.isTTY === true) throw invalid('there is no archive: redirect one to standard input, or give it with -i');
    const client = await context.client();
    await client.text('PUT', `/volumes/${pathPart(args.operand(0))}/import`, {
      stream: input === '' ? stdin : await openFile(input), headers: { 'Content-Type': 'application/x-tar' },
    });
    return 0;
  },
};

export const volumeContentCommands = {
  clone: renamed('clone', 'Copy a volume under another name'),
  rename: renamed('rename', 'Give a volume that nothing uses another name'),
  export: exportVolume,
  import: importVolume,
};
