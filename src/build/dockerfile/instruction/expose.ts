import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `EXPOSE port[-port][/protocol] ...`. */
export interface ExposeInstruction {
  readonly kind: 'expose';
  /** Sorted, before expansion. */
  readonly ports: readonly string[];
}

export function parseExpose({ args, flags }: Node): ExposeInstruction {
  if (args.length === 0) throw atLeastOneArgument('EXPOSE');
  parseFlags(flags, {});
  return { kind: 'expose', ports: args.toSorted() };
}
