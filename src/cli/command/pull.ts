import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import { fullRepository, parseImageName } from '../image-name.ts';
import { invalid } from '../status-error.ts';
import { pullImage } from './_progress.ts';

export const pullCommand: CommandSpec = {
  summary: 'Download an image from a registry',
  operands: '[OPTIONS] NAME[:TAG|@DIGEST]',
  aliases: ['image pull', 'pull'],
  flags: [
    boolFlag('all-tags', 'a', 'Download all tags of the repository'),
    stringFlag('platform', '', 'Platform to pull for, where the image has several'),
    boolFlag('quiet', 'q', 'Print the name only'),
  ],
  arity: exactly(1),
  run: async (context, args) => {
    const name = parseImageName(args.operand(0));
    if (args.bool('all-tags')) throw invalid('pulling all tags at once is not offered: list them with `gantry registry tags`, and pull those you need');
    const quiet = args.bool('quiet');
    if (!quiet && name.tag === undefined && name.digest === undefined) context.out('Using default tag: latest\n');
    const platform = args.string('platform') || (context.io.env['DOCKER_DEFAULT_PLATFORM'] ?? '');
    await pullImage(context, args.operand(0), platform, quiet, context.io.stdout);
    const suffix = name.digest === undefined ? `:${name.tag ?? 'latest'}` : `@${name.digest}`;
    context.out(`${fullRepository(name)}${suffix}\n`);
    return 0;
  },
};
