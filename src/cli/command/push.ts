import type { CommandSpec } from '../command-spec.ts';
import { RegistryAuths, serverOf } from '../credentials/registry-auth.ts';
import { exactly } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import { fullRepository, parseImageName } from '../image-name.ts';
import { invalid } from '../status-error.ts';
import { imagePath } from './_each.ts';
import { showProgress } from './_progress.ts';

export const pushCommand: CommandSpec = {
  summary: 'Upload an image to a registry',
  operands: '[OPTIONS] NAME[:TAG]',
  aliases: ['image push', 'push'],
  flags: [boolFlag('all-tags', 'a', 'Push all tags of the repository'), boolFlag('quiet', 'q', 'Print the name only')],
  arity: exactly(1),
  run: async (context, args) => {
    const name = parseImageName(args.operand(0));
    const all = args.bool('all-tags');
    if (name.digest !== undefined) throw invalid('cannot push a digest reference');
    if (all && name.tag !== undefined) throw invalid("tag can't be used with --all-tags/-a");
    const quiet = args.bool('quiet');
    if (!quiet && !all && name.tag === undefined) context.out('Using default tag: latest\n');
    const repository = fullRepository(name);
    const client = await context.client();
    const headers = await new RegistryAuths(context.options.configDirectory).header(serverOf(repository));
    const query = { tag: all ? undefined : name.tag ?? 'latest' };
    await showProgress(client.stream('POST', `/images/${imagePath(repository)}/push`, { query, headers }), quiet ? undefined : context.io.stdout);
    if (quiet) context.out(`${repository}${all ? '' : `:${name.tag ?? 'latest'}`}\n`);
    return 0;
  },
};
