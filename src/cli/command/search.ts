import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';

export const searchCommand: CommandSpec = {
  summary: 'Search a registry for images',
  operands: 'TERM',
  flags: [],
  arity: exactly(1),
  run: async (context, args) => {
    const client = await context.client();
    await client.json('GET', '/images/search', { query: { term: args.operand(0), limit: 25 } });
    return 0;
  },
};
