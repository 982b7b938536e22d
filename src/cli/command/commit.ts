import type { CommandSpec } from '../command-spec.ts';
import { between } from '../grammar/arity.ts';
import { boolFlag, listFlag, stringFlag } from '../grammar/flag.ts';
import { fullRepository, parseImageName } from '../image-name.ts';
import { invalid } from '../status-error.ts';

export const commitCommand: CommandSpec = {
  summary: "Make an image of a container's changes",
  operands: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  aliases: ['container commit', 'commit'],
  flags: [
    stringFlag('author', 'a', 'Who made it'),
    listFlag('change', 'c', 'Dockerfile instruction to apply'),
    stringFlag('message', 'm', 'What was changed'),
    boolFlag('pause', 'p', 'Pause the container meanwhile', true),
  ],
  arity: between(1, 2),
  run: async (context, args) => {
    const given = args.operands[1];
    const name = given === undefined ? undefined : parseImageName(given);
    if (name?.digest !== undefined) throw invalid('refusing to create a tag with a digest reference');
    const query = {
      container: args.operand(0),
      repo: name === undefined ? '' : fullRepository(name),
      tag: name === undefined ? '' : (name.tag ?? 'latest'),
      comment: args.string('message'),
      author: args.string('author'),
      changes: args.list('change'),
      pause: args.bool('pause') ? undefined : '0',
    };
    const client = await context.client();
    const { Id } = await client.json<{ readonly Id: string }>('POST', '/commit', { query });
    context.out(`${Id}\n`);
    return 0;
  },
};
