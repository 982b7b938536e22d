import type { CommandSpec, CommandTable } from '../command-spec.ts';
import type { FlagSpec } from './flag.ts';

/** `gantry run [OPTIONS] IMAGE [COMMAND] [ARG...]` */
export function usageLine(commandPath: string, spec: Pick<CommandSpec, 'operands'>): string {
  return spec.operands === '' ? commandPath : `${commandPath} ${spec.operands}`;
}

/** The help of one command, from the same tables that parse it. `width` is the terminal's, in columns. */
export function commandHelp(program: string, path: string, spec: CommandSpec, width: number): string {
  const commandPath = `${program} ${path}`;
  const lines = [`Usage:  ${usageLine(commandPath, spec)}`];
  for (const operands of spec.alsoOperands ?? []) lines.push(`        ${usageLine(commandPath, { operands })}`);
  lines.push('', spec.description ?? spec.summary);
  if (spec.aliases !== undefined && spec.aliases.length > 1) {
    lines.push('', 'Aliases:', `  ${spec.aliases.map((alias) => `${program} ${alias}`).join(', ')}`);
  }
  if (spec.flags.some((flag) => flag.hidden !== true)) lines.push('', 'Options:', ...flagHelp(spec.flags, width));
  return `${lines.join('\n')}\n`;
}

/** The help of a group such as `gantry container`. */
export function groupHelp(program: string, path: string, summary: string, children: CommandTable): string {
  const commandPath = `${program} ${path}`;
  return [
    `Usage:  ${commandPath} COMMAND`,
    '',
    summary,
    '',
    'Commands:',
    ...summaryLines(children, () => true),
    '',
    `Run '${commandPath} COMMAND --help' for more information on a command.`,
    '',
  ].join('\n');
}

export interface RootHelp {
  readonly program: string;
  readonly tagline: string;
  readonly commands: CommandTable;
  readonly flags: readonly FlagSpec[];
  readonly width: number;
}

export function rootHelp({ program, tagline, commands, flags, width }: RootHelp): string {
  return [
    `Usage:  ${program} [OPTIONS] COMMAND`,
    '',
    tagline,
    '',
    'Common Commands:',
    ...summaryLines(commands, (name) => commands[name]?.common === true, false),
    '',
    'Management Commands:',
    ...summaryLines(commands, (name) => isGroup(commands, name)),
    '',
    'Commands:',
    ...summaryLines(commands, (name) => commands[name]?.common !== true && !isGroup(commands, name)),
    '',
    'Global Options:',
    ...flagHelp(flags, width),
    '',
    `Run '${program} COMMAND --help' for more information on a command.`,
    '',
  ].join('\n');
}

function isGroup(commands: CommandTable, name: string): boolean {
  const entry = commands[name];
  return entry !== undefined && 'children' in entry;
}

function summaryLines(table: CommandTable, wanted: (name: string) => boolean, sorted = true): readonly string[] {
  const names = Object.keys(table).filter((name) => table[name]?.hidden !== true);
  const shown = names.filter(wanted);
  if (sorted) shown.sort();
  const width = Math.max(11, ...names.map((name) => name.length));
  return shown.map((name) => `  ${name.padEnd(width)} ${table[name]?.summary ?? ''}`);
}

function flagHelp(flags: readonly FlagSpec[], width: number): readonly string[] {
  const rows = flags
    .filter((flag) => flag.hidden !== true && flag.aliasOf === undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => ({ left: flagColumn(flag), right: describe(flag) }));
  const column = Math.max(...rows.map((row) => row.left.length)) + 3;
  const room = Math.max(24, width - 1 - column);
  return rows.flatMap(({ left, right }) => {
    const [first = '', ...others] = right.split('\n').flatMap((line) => wrap(line, room));
    return [left.padEnd(column) + first, ...others.map((line) => ' '.repeat(column) + line)];
  });
}

function flagColumn(flag: FlagSpec): string {
  const head = flag.short === undefined ? `      --${flag.name}` : `  -${flag.short}, --${flag.name}`;
  const value = flag.kind === 'bool' ? '' : ` ${flag.value ?? flag.kind}`;
  return head + value;
}

function describe(flag: FlagSpec): string {
  const shown = flag.shownDefault ?? defaultText(flag);
  return shown === undefined ? flag.help : `${flag.help} (default ${shown})`;
}

function defaultText(flag: FlagSpec): string | undefined {
  if (flag.fallback === undefined || flag.fallback === '' || flag.fallback === 'false' || flag.fallback === '0') return undefined;
  return flag.kind === 'string' && flag.value === undefined ? JSON.stringify(flag.fallback) : flag.fallback;
}

function wrap(line: string, room: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > room) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
