import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { exactlyOneArgument } from './_refusals.ts';

/** `MAINTAINER name`: deprecated in favour of a label. */
export interface MaintainerInstruction {
  readonly kind: 'maintainer';
  readonly author: string;
}

export function parseMaintainer({ args, flags }: Node): MaintainerInstruction {
  const [author] = args;
  if (author === undefined || args.length !== 1) throw exactlyOneArgument('MAINTAINER');
  parseFlags(flags, {});
  return { kind: 'maintainer', author };
}
