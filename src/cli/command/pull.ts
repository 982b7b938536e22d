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
    const all = args.bool('all-tags');
    if (all && (name.tag !== undefined || name.digest !== undefined)) throw invalid("tag can't be used with --all-tags/-a");
    const quiet = args.bool('quiet');
    if (!quiet && !all && name.tag === undefined && name.digest === undefined) context.out('Using default tag: latest\n');
    const platform = args.string('platform') || (context.io.env['DOCKER_DEFAULT_PLATFORM'] ?? '');
    await pullImage(context, args.operand(0), platform, { quiet, all, stream: context.io.stdout });
    const suffix = all ? '' : name.digest === undefined ? `:${name.tag ?? 'latest'}` : `@${name.digest}`;
    context.out(`${fullRepository(name)}${suffix}\n`);
    return 0;
  },
};
