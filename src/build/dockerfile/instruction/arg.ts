import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { commentAbout } from './_comment.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `ARG name[=default] ...`. */
export interface ArgInstruction {
  readonly kind: 'arg';
  readonly args: readonly Argument[];
}

export interface Argument {
  readonly name: string;
  /** The default, before expansion. */
  readonly value: string | undefined;
  /** From the comment above, where it begins with the name. */
  readonly comment: string;
}

export function parseArg({ args, comments }: Node): ArgInstruction {
  if (args.length === 0) throw atLeastOneArgument('ARG');
  return {
    kind: 'arg',
    args: args.map((word) => {
      const sign = word.indexOf('=');
      if (sign === 0) throw new DockerfileError('ARG names can not be blank', { token: word });
      const name = sign < 0 ? word : word.slice(0, sign);
      return { name, value: sign < 0 ? undefined : word.slice(sign + 1), comment: commentAbout(comments, name) };
    }),
  };
}
