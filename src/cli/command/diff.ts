import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';

const LETTERS = ['C', 'A', 'D'];

export const diffCommand: CommandSpec = {
  summary: 'Show what a container changed in its file system',
  operands: 'CONTAINER',
  aliases: ['container diff', 'diff'],
  flags: [],
  arity: exactly(1),
  run: async (context, args) => {
    if (args.operand(0) === '') throw invalid('Container name cannot be empty');
    const client = await context.client();
    const changes = await client.json<readonly { readonly Path: string; readonly Kind: number }[] | null>('GET', `/containers/${pathPart(args.operand(0))}/changes`);
    context.out((changes ?? []).map(({ Path, Kind }) => `${LETTERS[Kind] ?? '?'} ${Path}\n`).join(''));
    return 0;
  },
};
