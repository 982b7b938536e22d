import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { fullRepository, parseImageName } from '../image-name.ts';
import { invalid } from '../status-error.ts';
import { imagePath } from './_each.ts';

export const tagCommand: CommandSpec = {
  summary: 'Give an image another name',
  operands: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  aliases: ['image tag', 'tag'],
  flags: [],
  arity: exactly(2),
  run: async (context, args) => {
    const name = parseImageName(args.operand(1));
    const { tag, digest } = name;
    if (digest !== undefined) throw invalid('refusing to create a tag with a digest reference');
    const client = await context.client();
    await client.text('POST', `/images/${imagePath(args.operand(0))}/tag`, { query: { repo: fullRepository(name), tag: tag ?? 'latest' } });
    return 0;
  },
};
