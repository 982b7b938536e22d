import type { Node } from '../parse/node.ts';

/** The command of RUN, CMD, ENTRYPOINT and HEALTHCHECK: the text for a shell as one argument, or the arguments. */
export interface CommandLine {
  readonly args: readonly string[];
  readonly isShell: boolean;
}

export function parseCommandLine({ args, isJson }: Node): CommandLine {
  return { args: isJson || args.length === 0 ? args : [args.join(' ')], isShell: !isJson };
}
