import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { exactlyOneArgument } from './_refusals.ts';

/** `WORKDIR path`, relative to the one before. */
export interface WorkdirInstruction {
  readonly kind: 'workdir';
  readonly path: string;
}

export function parseWorkdir({ args, flags }: Node): WorkdirInstruction {
  const [path] = args;
  if (path === undefined || args.length !== 1) throw exactlyOneArgument('WORKDIR');
  parseFlags(flags, {});
  return { kind: 'workdir', path };
}
