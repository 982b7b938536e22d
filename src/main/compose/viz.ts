import { noOperands } from '#cli/grammar/arity.ts';
import { boolFlag, intFlag } from '#cli/grammar/flag.ts';
import { graphFile } from '#compose/lower/graph-file.ts';
import type { ComposeCommand } from './compose-command.ts';
import { openSelected } from './compose-session.ts';

export const vizCommand: ComposeCommand = {
  summary: 'Print services and their dependencies as a graph, for Graphviz',
  operands: '[OPTIONS]',
  flags: [
    boolFlag('image', '', 'Tell images'), intFlag('indentation-size', '', 'How far lines are indented', { fallback: '1' }), boolFlag('networks', '', 'Tell networks'), boolFlag('ports', '', 'Tell ports'),
    boolFlag('spaces', '', 'Indent with spaces in place of tabs'),
  ],
  arity: noOperands,
  run: async (context, args) => {
    const indent = (args.bool('spaces') ? ' ' : '\t').repeat(Math.max(0, args.int('indentation-size')));
    context.cli.out(graphFile(openSelected(context, { services: [] }), { networks: args.bool('networks'), ports: args.bool('ports'), image: args.bool('image'), indent }));
    return 0;
  },
};
