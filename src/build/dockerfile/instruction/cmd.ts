import type { Node } from '../parse/node.ts';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { parseFlags } from './_flags.ts';

/** `CMD command` or `CMD ["program", "argument"]`. */
export interface CmdInstruction {
  readonly kind: 'cmd';
  readonly command: CommandLine;
}

export function parseCmd(node: Node): CmdInstruction {
  parseFlags(node.flags, {});
  return { kind: 'cmd', command: parseCommandLine(node) };
}
