import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `SHELL ["program", "argument"]`. */
export interface ShellInstruction {
  readonly kind: 'shell';
  readonly shell: readonly string[];
}

export function parseShell({ args, flags, isJson }: Node): ShellInstruction {
  parseFlags(flags, {});
  if (args.length === 0) throw atLeastOneArgument('SHELL');
  if (!isJson) throw new DockerfileError('SHELL requires the arguments to be in JSON form', { token: args[0] });
  return { kind: 'shell', shell: args };
}
