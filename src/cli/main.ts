import { GantryError, messageOf } from '#base/error.ts';
import type { CliContext, CliIo, CommandSpec, CommandTable, GroupEntry } from './command-spec.ts';
import { builtInCommands } from './commands.ts';
import { globalFlags, readGlobalOptions } from './global-options.ts';
import { arityComplaint } from './grammar/arity.ts';
import { commandHelp, groupHelp, rootHelp, usageLine } from './grammar/help.ts';
import { parseArgs } from './grammar/parse.ts';
import type { ApiClient } from './http/api-client.ts';
import type { Approach } from './http/open-client.ts';
import type { OutputStream } from './io.ts';
import { product } from './product.ts';
import { StatusError } from './status-error.ts';

const PROGRAM = 'gantry';
/** docker's exit code for a flag that it doesn't know, of any command. */
const BAD_FLAG = 125;
/** 128 and the number of SIGPIPE. */
const READER_GONE = 141;
const DEFAULT_WIDTH = 80;

/** Runs one command line, without the program's own name, and answers with the exit code. Errors go to stderr. */
export async function runCli(argv: readonly string[], streams: CliIo): Promise<number> {
  const io = endingWithReader(streams);
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const message = messageOf(error);
    if (message !== '') io.stderr.write(`${message}\n`);
    if (error instanceof GantryError && error.hint !== undefined) io.stderr.write(`${error.hint}\n`);
    if (!(error instanceof GantryError) && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
    return error instanceof StatusError ? error.exitCode : 1;
  }
}

/** Whoever reads our output may go away (`| head`): there is nobody to work for, so we end as SIGPIPE would end us. */
function endingWithReader(io: CliIo): CliIo {
  const end = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') process.exit(READER_GONE);
  };
  // A stream opens when it is first asked for, which costs what some commands never need.
  const opened = new Map<'stdout' | 'stderr', OutputStream>();
  const open = (name: 'stdout' | 'stderr'): OutputStream => {
    const stream = opened.get(name) ?? io[name].on('error', end);
    opened.set(name, stream);
    return stream;
  };
  return Object.create(io, { stdout: { get: () => open('stdout') }, stderr: { get: () => open('stderr') } }) as CliIo;
}

async function dispatch(argv: readonly string[], io: CliIo): Promise<number> {
  const commands: CommandTable = { ...builtInCommands, ...io.extraCommands };
  const global = parseGlobal(argv);
  if (global.kind === 'help') return showRootHelp(io, commands);
  const { args } = global;
  if (args.bool('version')) {
    io.stdout.write(`${product.title} version ${product.version}\n`);
    return 0;
  }
  const [first, ...rest] = args.operands;
  if (first === undefined) return showRootHelp(io, commands);
  const words = first === 'help' ? [...rest, '--help'] : args.operands;
  const found = findCommand(commands, words);
  if (found.kind === 'group') return showGroup(io, found);
  return runCommand(found, { io, commands, options: readGlobalOptions(args, io.env) });
}

function parseGlobal(argv: readonly string[]) {
  try {
    return parseArgs(argv, globalFlags, { stopAtOperand: true });
  } catch (error) {
    throw new StatusError(BAD_FLAG, `${messageOf(error)}\n\nUsage:  ${PROGRAM} [OPTIONS] COMMAND [ARG...]\n\nRun '${PROGRAM} --help' for more information`);
  }
}

interface FoundCommand {
  readonly kind: 'command';
  readonly path: string;
  readonly load: () => Promise<CommandSpec>;
  readonly argv: readonly string[];
}

interface FoundGroup {
  readonly kind: 'group';
  readonly path: string;
  readonly entry: GroupEntry;
}

/** Walks down the groups. Throws when a word names nothing. */
function findCommand(commands: CommandTable, words: readonly string[]): FoundCommand | FoundGroup {
  let table = commands;
  let group: FoundGroup | undefined;
  for (const [index, word] of words.entries()) {
    const path = words.slice(0, index + 1).join(' ');
    if (group !== undefined && (word === '--help' || word === '-h')) return group;
    const entry = Object.hasOwn(table, word) ? table[word] : undefined;
    if (entry === undefined) throw unknownCommand(path, group?.path);
    if ('load' in entry) return { kind: 'command', path, load: entry.load, argv: words.slice(index + 1) };
    group = { kind: 'group', path, entry };
    table = entry.children;
  }
  if (group === undefined) throw unknownCommand('', undefined);
  return group;
}

function unknownCommand(path: string, group: string | undefined): StatusError {
  const command = group === undefined ? PROGRAM : `${PROGRAM} ${group}`;
  const usage = group === undefined ? '' : `\n\nUsage:  ${command}`;
  return new StatusError(1, `${PROGRAM}: unknown command: ${PROGRAM} ${path}${usage}\n\nRun '${command} --help' for more information`);
}

function showGroup(io: CliIo, { path, entry }: FoundGroup): number {
  io.stdout.write(groupHelp(PROGRAM, path, entry.summary, entry.children));
  return 0;
}

function showRootHelp(io: CliIo, commands: CommandTable): number {
  io.stdout.write(rootHelp({ program: PROGRAM, tagline: product.tagline, commands, flags: globalFlags, width: widthOf(io) }));
  return 0;
}

type Surroundings = Pick<CliContext, 'io' | 'commands' | 'options'>;

async function runCommand(found: FoundCommand, surroundings: Surroundings): Promise<number> {
  const { io } = surroundings;
  const spec = await found.load();
  const usage = usageLine(`${PROGRAM} ${found.path}`, spec);
  const parsed = parseCommand(found, spec, usage);
  if (parsed.kind === 'help') {
    io.stdout.write(commandHelp(PROGRAM, found.path, spec, widthOf(io)));
    return 0;
  }
  for (const warning of parsed.warnings) io.stderr.write(`${warning}\n`);
  const complaint = arityComplaint(spec.arity, parsed.args.operands.length);
  if (complaint !== undefined) {
    const look = spec.arity.kind === 'none' || spec.arity.kind === 'range' ? 'Run' : 'See';
    throw new StatusError(1, `${PROGRAM}: '${PROGRAM} ${found.path}' ${complaint}\n\nUsage:  ${usage}\n\n${look} '${PROGRAM} ${found.path} --help' for more information`);
  }
  return spec.run(createContext(found.path, surroundings), parsed.args);
}

function parseCommand(found: FoundCommand, spec: CommandSpec, usage: string) {
  try {
    return parseArgs(found.argv, spec.flags, { stopAtOperand: spec.stopAtOperand ?? false });
  } catch (error) {
    throw new StatusError(BAD_FLAG, `${messageOf(error)}\n\nUsage:  ${usage}\n\nRun '${PROGRAM} ${found.path} --help' for more information`);
  }
}

function createContext(path: string, { io, commands, options }: Surroundings): CliContext {
  let client: Promise<ApiClient> | undefined;
  let approach: Promise<Approach> | undefined;
  const http = () => import('./http/open-client.ts');
  const approached = (): Promise<Approach> => (approach ??= http().then(({ approachDaemon }) => approachDaemon(options)));
  return {
    io,
    path,
    options,
    commands,
    program: PROGRAM,
    approach: async () => {
      await approached();
      // The question leaves with the next turn of the loop.
      await new Promise((resolve) => setImmediate(resolve));
    },
    client: () => (client ??= Promise.all([http(), approached()]).then(([{ openClient }, begun]) => openClient(begun, options, io))),
    out: (text) => void io.stdout.write(text),
    err: (text) => void io.stderr.write(text),
  };
}

function widthOf(io: CliIo): number {
  return io.stdout.columns ?? DEFAULT_WIDTH;
}
