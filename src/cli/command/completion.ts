import type { CommandSpec, CommandTable } from '../command-spec.ts';
import { globalFlags } from '../global-options.ts';
import { exactly } from '../grammar/arity.ts';
import { completionScript, type CompletionNode } from '../grammar/completion.ts';

export const completionCommand: CommandSpec = {
  summary: 'Print a script for the completion of a shell',
  operands: 'bash|zsh',
  description: 'Print a script for the completion of a shell. In bash:\n\n  source <(gantry completion bash)',
  flags: [],
  arity: exactly(1),
  run: async (context, args) => {
    const { commands } = context;
    const root: CompletionNode = { path: '', children: shownNames(commands), flags: globalFlags };
    context.out(completionScript(args.operand(0), context.program, [root, ...(await nodesOf(commands, ''))]));
    return 0;
  },
};

/** Every command with its flags: here, and only here, all of them are loaded. */
async function nodesOf(table: CommandTable, prefix: string): Promise<readonly CompletionNode[]> {
  const nodes = await Promise.all(Object.entries(table).map(async ([name, entry]): Promise<readonly CompletionNode[]> => {
    const path = prefix === '' ? name : `${prefix} ${name}`;
    if ('load' in entry) return [{ path, children: [], flags: (await entry.load()).flags }];
    return [{ path, children: shownNames(entry.children), flags: [] }, ...(await nodesOf(entry.children, path))];
  }));
  return nodes.flat();
}

function shownNames(table: CommandTable): readonly string[] {
  return Object.keys(table).filter((name) => table[name]?.hidden !== true).toSorted();
}
