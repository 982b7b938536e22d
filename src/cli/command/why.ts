import { GantryError } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { pathPart } from './_each.ts';

interface Why {
  readonly Name: string;
  readonly State: { readonly Status: string; readonly ExitCode?: number };
  readonly Because: readonly { readonly Time: string; readonly Text: string }[];
}

export const whyCommand: CommandSpec = {
  summary: 'Tell why a container or a pod is as it is',
  operands: '[OPTIONS] CONTAINER|pod/NAME',
  description: 'Tell what led to the present state of a container or a pod, oldest first: who asked for what, what failed and why,\nexit codes, ends for lack of memory, what its health check said, and where a pod could not go.',
  aliases: ['container why', 'why'],
  flags: [stringFlag('namespace', 'n', 'The namespace of the pod', { fallback: 'default' }), stringFlag('format', '', "'json' prints the chain as one JSON object", { completes: ['json'] })],
  arity: exactly(1),
  run: async (context, args) => {
    const format = args.string('format');
    if (format !== '' && format !== 'json') throw new GantryError('invalid', `unknown format ${JSON.stringify(format)}`, { hint: 'json is known' });
    const client = await context.client();
    const pod = /^(?:pods?|po)\/(.+)$/.exec(args.operand(0))?.[1];
    const why = await client.json<Why>('GET', pod === undefined ? `/containers/${pathPart(args.operand(0))}/why` : `/cluster/why?namespace=${encodeURIComponent(args.string('namespace'))}&pod=${encodeURIComponent(pod)}`);
    if (format === 'json') context.out(`${JSON.stringify(why)}\n`);
    else context.out([`${pod === undefined ? why.Name.slice(1) : `pod ${why.Name}`} is ${why.State.Status}${why.State.Status === 'exited' ? ` (${why.State.ExitCode})` : ''}, because`, ...why.Because.map(({ Time, Text }) => `  ${Time.slice(0, 19).replace('T', ' ')}  ${printable(Text)}`)].join('\n') + '\n');
    return 0;
  },
};

/** Output of a container must not write on a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');
}
