import type { GlobalOptions } from './global-options.ts';
import type { Arity } from './grammar/arity.ts';
import type { FlagSpec } from './grammar/flag.ts';
import type { ParsedArgs } from './grammar/parsed-args.ts';
import type { ApiClient } from './http/api-client.ts';
import type { InputStream, OutputStream } from './io.ts';

// These types name each other, so they share a file.

/** All that the command line needs from the process that it runs in. */
export interface CliIo {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Starts the daemon of the default socket. Called only when nobody answers there. */
  readonly ensureDaemon?: (socketPath: string) => Promise<void>;
  /** Commands of the product itself, which need no Docker API: merged over the built-in table. */
  readonly extraCommands?: CommandTable;
}

/** What a command gets: the process's streams, the daemon, and how it was called. */
export interface CliContext {
  readonly io: CliIo;
  readonly program: string;
  /** The words that led to the command: `container ls`. */
  readonly path: string;
  readonly options: GlobalOptions;
  /** Every command there is, the product's own ones too. */
  readonly commands: CommandTable;
  /** Connects on the first call: starts the default daemon when needed, and agrees on the API version. */
  readonly client: () => Promise<ApiClient>;
  /** Asks the daemon, if there is one, already: for commands that have to do with themselves before they need the client. */
  readonly approach: () => Promise<void>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** One command: its grammar, its help and what it does. */
export interface CommandSpec {
  readonly summary: string;
  /** What follows the command's path in the usage line, such as `[OPTIONS] CONTAINER [CONTAINER...]`. */
  readonly operands: string;
  /** Further usage lines, for a command that has more than one shape. */
  readonly alsoOperands?: readonly string[];
  /** Paragraphs of help in place of the summary. */
  readonly description?: string;
  /** Every full name of the command without the program's: `container ls`, `ps`. */
  readonly aliases?: readonly string[];
  readonly flags: readonly FlagSpec[];
  readonly arity: Arity;
  /** Everything after the first operand belongs to somebody else: `run`, `exec`. */
  readonly stopAtOperand?: boolean;
  /** Answers with the exit code. */
  readonly run: (context: CliContext, args: ParsedArgs) => Promise<number>;
}

interface CommandEntryBase {
  readonly summary: string;
  /** The root help lists it first. */
  readonly common?: boolean;
  /** Works, but is not listed: an alias such as `image list`. */
  readonly hidden?: boolean;
}

/** A command, loaded when it is called: its file and all that this imports cost nothing before. */
export interface LeafEntry extends CommandEntryBase {
  readonly load: () => Promise<CommandSpec>;
}

/** A group such as `container`, whose first argument is a command. */
export interface GroupEntry extends CommandEntryBase {
  readonly children: CommandTable;
}

export type CommandEntry = LeafEntry | GroupEntry;
export type CommandTable = Readonly<Record<string, CommandEntry>>;
