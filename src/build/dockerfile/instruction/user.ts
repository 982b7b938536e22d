import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { exactlyOneArgument } from './_refusals.ts';

/** `USER user[:group]`. */
export interface UserInstruction {
  readonly kind: 'user';
  readonly user: string;
}

export function parseUser({ args, flags }: Node): UserInstruction {
  const [user] = args;
  if (user === undefined || args.length !== 1) throw exactlyOneArgument('USER');
  parseFlags(flags, {});
  return { kind: 'user', user };
}
