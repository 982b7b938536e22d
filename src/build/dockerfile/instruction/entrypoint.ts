import type { Node } from '../parse/node.ts';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { parseFlags } from './_flags.ts';

/** `ENTRYPOINT command` or `ENTRYPOINT ["program", "argument"]`; an empty one takes the base's away. */
export interface EntrypointInstruction {
  readonly kind: 'entrypoint';
  readonly command: CommandLine;
}

export function parseEntrypoint(node: Node): EntrypointInstruction {
  parseFlags(node.flags, {});
  return { kind: 'entrypoint', command: parseCommandLine(node) };
}
