import { GantryError, messageOf } from '#base/error.ts';
import type { CliContext, CommandSpec } from '#cli/command-spec.ts';
import { arityComplaint, atLeast, type Arity } from '#cli/grammar/arity.ts';
import { boolFlag, type FlagSpec } from '#cli/grammar/flag.ts';
import { commandHelp } from '#cli/grammar/help.ts';
import { parseArgs } from '#cli/grammar/parse.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { StatusError } from '#cli/status-error.ts';
import { composeFlags, type ComposeContext } from './compose-context.ts';
import { composeCommands, type ComposeCommands, type ComposeEntry } from './compose-commands.ts';

/** One command of `gantry compose`. */
export interface ComposeCommand {
  readonly summary: string;
  readonly operands: string;
  readonly flags: readonly FlagSpec[];
  readonly arity?: Arity;
  /** The first operand ends the flags: the rest is a command in a container. */
  readonly stopAtOperand?: boolean;
  /** Answers with the exit code. */
  readonly run: (context: ComposeContext, args: ParsedArgs) => Promise<number>;
}

const BAD_FLAG = 1;
const DEFAULT_WIDTH = 80;

export const composeCommand: CommandSpec = {
  summary: 'Run applications that compose files describe',
  operands: '[OPTIONS] COMMAND',
  get description() {
    return ['Run applications that compose files describe', '', 'Commands:', ...commandList(composeCommands)].join('\n');
  },
  flags: composeFlags,
  arity: atLeast(1),
  stopAtOperand: true,
  run: async (context, args) => {
    const { entry, name, rest } = findCommand(args.operands);
    if ('load' in entry) return runComposeCommand(context, args, name, await entry.load(), rest);
    context.out(`Usage:  ${context.program} compose ${name} COMMAND\n\n${entry.summary}\n\nCommands:\n${commandList(entry.children).join('\n')}\n`);
    return 0;
  },
};

interface Found {
  readonly entry: ComposeEntry;
  readonly name: string;
  readonly rest: readonly string[];
}

/** Walks down the groups. */
function findCommand(words: readonly string[]): Found {
  let table = composeCommands;
  let group: Found | undefined;
  for (const [index, word] of words.entries()) {
    if (group !== undefined && (word === '--help' || word === '-h')) return group;
    const name = words.slice(0, index + 1).join(' ');
    const entry = Object.hasOwn(table, word) ? table[word] : undefined;
    if (entry === undefined) throw new StatusError(1, `unknown compose command: ${JSON.stringify(name)}\nRun 'gantry compose${group === undefined ? '' : ` ${group.name}`} --help' for the commands that there are`);
    group = { entry, name, rest: words.slice(index + 1) };
    if ('load' in entry) return group;
    table = entry.children;
  }
  if (group === undefined) throw new StatusError(1, "a command is missing\nRun 'gantry compose --help' for those that there are");
  return group;
}

function commandList(table: ComposeCommands): string[] {
  const names = Object.keys(table).toSorted();
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `  ${name.padEnd(width)}  ${table[name]?.summary ?? ''}`);
}

async function runComposeCommand(cli: CliContext, global: ParsedArgs, name: string, command: ComposeCommand, argv: readonly string[]): Promise<number> {
  const flags = [...command.flags, boolFlag('dry-run', '', 'Show what would be done')];
  const spec = { ...command, flags, arity: command.arity ?? atLeast(0), run: async () => 0 };
  const parsed = parse(argv, flags, command, name);
  if (parsed.kind === 'help') {
    cli.out(commandHelp(cli.program, `compose ${name}`, spec, cli.io.stdout.columns ?? DEFAULT_WIDTH));
    return 0;
  }
  const complaint = arityComplaint(spec.arity, parsed.args.operands.length);
  if (complaint !== undefined) throw new StatusError(1, `'gantry compose ${name}' ${complaint}\n\nUsage:  gantry compose ${name} ${command.operands}`);
  const dryRun = global.bool('dry-run') || parsed.args.bool('dry-run');
  return command.run({ cli, global, dryRun, composeFiles: await localFiles(cli, global.list('file')) }, parsed.args);
}

const REMOTE = 'oci://';

/** Projects in registries, which the command line may name and no file may, are fetched first. */
async function localFiles(cli: CliContext, named: readonly string[]): Promise<readonly string[]> {
  if (!named.some((path) => path.startsWith(REMOTE))) return named;
  const { pullProject } = await import('./project-registry.ts');
  return Promise.all(named.map((path) => (path.startsWith(REMOTE) ? pullProject(cli, path.slice(REMOTE.length)) : path)));
}

function parse(argv: readonly string[], flags: readonly FlagSpec[], command: ComposeCommand, name: string): ReturnType<typeof parseArgs> {
  try {
    return parseArgs(argv, flags, { stopAtOperand: command.stopAtOperand ?? false });
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    throw new StatusError(BAD_FLAG, `${messageOf(error)}\n\nUsage:  gantry compose ${name} ${command.operands}\n\nRun 'gantry compose ${name} --help' for more information`);
  }
}
