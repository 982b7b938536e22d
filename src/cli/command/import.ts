import type { CommandSpec } from '../command-spec.ts';
import { between } from '../grammar/arity.ts';
import { listFlag, stringFlag } from '../grammar/flag.ts';
import { openFile } from './_open-file.ts';
import { showProgress } from './_progress.ts';

export const importCommand: CommandSpec = {
  summary: 'Make an image of the files in a tar archive',
  operands: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  aliases: ['image import', 'import'],
  flags: [
    listFlag('change', 'c', 'Dockerfile instruction to apply'),
    stringFlag('message', 'm', 'What the image is'),
    stringFlag('platform', '', 'Platform of the image (os/arch/variant)'),
  ],
  arity: between(1, 2),
  run: async (context, args) => {
    const source = args.operand(0);
    const isUrl = /^https?:\/\//.test(source);
    const stream = isUrl ? undefined : source === '-' ? context.io.stdin : await openFile(source);
    const query = {
      fromSrc: isUrl ? source : '-',
      repo: args.operands[1],
      message: args.string('message') || undefined,
      changes: args.list('change'),
      platform: args.string('platform').toLowerCase() || undefined,
    };
    const client = await context.client();
    const body = client.stream('POST', '/images/create', { query, ...(stream === undefined ? {} : { stream }) });
    await showProgress(body, context.io.stdout);
    return 0;
  },
};
