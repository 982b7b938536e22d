import type { CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import { sinkOf } from '../http/interactive.ts';
import { invalid } from '../status-error.ts';
import { openFile } from './_open-file.ts';
import { platformQuery } from './_platform.ts';
import { showProgress } from './_progress.ts';

export const loadCommand: CommandSpec = {
  summary: 'Load images from a tar archive or standard input',
  operands: '[OPTIONS]',
  aliases: ['image load', 'load'],
  flags: [
    stringFlag('input', 'i', 'Archive to read in place of standard input', { completes: 'file' }),
    stringFlag('platform', '', 'Load only this platform (os/arch/variant)'),
    boolFlag('quiet', 'q', 'Print no progress'),
  ],
  arity: noOperands,
  run: async (context, args) => {
    const { stdin, stdout } = context.io;
    const input = args.string('input');
    if (input === '' && stdin.isTTY === true) throw invalid('requested load from stdin, but stdin is empty');
    const stream = input === '' ? stdin : await openFile(input);
    const quiet = args.bool('quiet') || stdout.isTTY !== true;
    const query = { quiet, platform: platformQuery(args.string('platform')) };
    const client = await context.client();
    const { head, body, close } = await client.open('POST', '/images/load', { query, stream, headers: { 'Content-Type': 'application/x-tar' } });
    try {
      if (head.headers['content-type']?.startsWith('application/json') === true) await showProgress(body, stdout);
      else for await (const bytes of body) await sinkOf(stdout)?.(bytes);
    } finally {
      close();
    }
    return 0;
  },
};
