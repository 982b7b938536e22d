import { GantryError } from '#base/error.ts';
import { atLeast, exactly } from '#cli/grammar/arity.ts';
import { boolFlag, intFlag, listFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import type { ComposeCommand } from './compose-command.ts';
import { containersOf, oneContainer, openNamed } from './compose-session.ts';
import { dockerCommand } from './delegate.ts';

const indexFlag = intFlag('index', '', 'Number of the container, when the service has several');
const passed = (args: ParsedArgs, ...names: string[]): string[] => names.flatMap((name) => (args.changed(name) ? [`--${name}=${args.string(name)}`] : []));
const repeated = (args: ParsedArgs, name: string): string[] => args.list(name).map((value) => `--${name}=${value}`);

export const execCommand: ComposeCommand = {
  summary: 'Execute a command in a running container',
  operands: '[OPTIONS] SERVICE COMMAND [ARG...]',
  flags: [
    boolFlag('detach', 'd', 'Do not wait for the command'), listFlag('env', 'e', 'Variable for the command'), indexFlag, boolFlag('interactive', 'i', 'Give it our input', true),
    boolFlag('no-tty', 'T', 'Do not give it a terminal'), boolFlag('no-TTY', '', 'The same', false), boolFlag('privileged', '', 'Give it all rights'), boolFlag('tty', 't', 'Give it a terminal'),
    stringFlag('user', 'u', 'Run it as this user'), stringFlag('workdir', 'w', 'Directory to run it in'),
  ],
  arity: atLeast(2),
  stopAtOperand: true,
  run: async (context, args) => {
    const [service = '', ...command] = args.operands;
    const { id } = await oneContainer(context, service, args.int('index'));
    const { stdin, stdout } = context.cli.io;
    const terminal = args.changed('tty') ? args.bool('tty') : !args.bool('no-tty') && !args.bool('no-TTY') && stdin.isTTY === true && stdout.isTTY === true;
    return dockerCommand(context, 'exec', [
      ...passed(args, 'user', 'workdir'), ...repeated(args, 'env'), ...(args.bool('detach') ? ['--detach'] : []), ...(args.bool('privileged') ? ['--privileged'] : []),
      ...(args.bool('interactive') && !args.bool('detach') ? ['--interactive'] : []), ...(terminal ? ['--tty'] : []), id, ...command,
    ]);
  },
};

export const attachCommand: ComposeCommand = {
  summary: 'Attach our terminal to a running container',
  operands: '[OPTIONS] SERVICE',
  flags: [stringFlag('detach-keys', '', 'Keys that detach'), indexFlag, boolFlag('no-stdin', '', 'Do not give it our input'), boolFlag('sig-proxy', '', 'Send it our signals', true)],
  arity: exactly(1),
  run: async (context, args) => dockerCommand(context, 'attach', [...passed(args, 'detach-keys', 'no-stdin', 'sig-proxy'), (await oneContainer(context, args.operand(0), args.int('index'))).id]),
};

export const exportCommand: ComposeCommand = {
  summary: "Write a container's file system as a tar archive",
  operands: '[OPTIONS] SERVICE',
  flags: [indexFlag, stringFlag('output', 'o', 'File to write to', { completes: 'file' })],
  arity: exactly(1),
  run: async (context, args) => {
    const { id } = await oneContainer(context, args.operand(0), args.int('index'));
    const client = await context.cli.client();
    const { createWriteStream } = await import('node:fs');
    const output = args.string('output');
    const { stdout } = context.cli.io;
    if (output === '' && stdout.isTTY === true) throw new GantryError('invalid', 'output option is required when exporting to terminal', { hint: 'name a file with -o' });
    const target = output === '' ? stdout : createWriteStream(output);
    for await (const bytes of client.stream('GET', `/containers/${id}/export`)) if (!target.write(bytes)) await new Promise((resolve) => target.once('drain', resolve));
    if (output !== '') await new Promise<void>((resolve) => target.end(() => resolve()));
    return 0;
  },
};

export const commitCommand: ComposeCommand = {
  summary: "Make an image of a container's changes",
  operands: '[OPTIONS] SERVICE [REPOSITORY[:TAG]]',
  flags: [stringFlag('author', 'a', 'Author'), listFlag('change', 'c', 'Instruction of a Dockerfile to apply'), indexFlag, stringFlag('message', 'm', 'Message'), boolFlag('pause', 'p', 'Pause the container meanwhile', true)],
  arity: atLeast(1),
  run: async (context, args) => {
    const [service = '', ...name] = args.operands;
    const { id } = await oneContainer(context, service, args.int('index'));
    return dockerCommand(context, 'commit', [...passed(args, 'author', 'message', 'pause'), ...repeated(args, 'change'), id, ...name]);
  },
};

export const cpCommand: ComposeCommand = {
  summary: 'Copy files between a container and the local file system',
  operands: '[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-  or  SRC_PATH|- SERVICE:DEST_PATH',
  flags: [boolFlag('all', '', 'Copy to the containers of single commands too'), boolFlag('archive', 'a', 'Keep owners and groups'), boolFlag('follow-link', 'L', 'Copy what a link in SRC_PATH points to'), indexFlag],
  arity: exactly(2),
  run: async (context, args) => {
    const [source, target] = [serviceIn(args.operand(0)), serviceIn(args.operand(1))];
    const service = source.service ?? target.service;
    if (service === undefined || (source.service !== undefined && target.service !== undefined)) throw new GantryError('invalid', 'exactly one of source and destination must be SERVICE:PATH', { hint: 'write gantry compose cp web:/etc/hosts .' });
    const flags = passed(args, 'archive', 'follow-link');
    // Into a service means into each of its containers; out of it, from one.
    const into = target.service !== undefined && args.int('index') === 0 ? await containersOf(context, openNamed(context), [service]) : [await oneContainer(context, service, args.int('index'))];
    if (into.length === 0) throw new GantryError('not-found', `no container found for service "${service}"`);
    for (const { id } of into) {
      const place = (side: ServicePath): string => (side.service === undefined ? side.path : `${id}:${side.path}`);
      const code = await dockerCommand(context, 'cp', [...flags, place(source), place(target)]);
      if (code !== 0) return code;
    }
    return 0;
  },
};

interface ServicePath {
  readonly service: string | undefined;
  readonly path: string;
}

function serviceIn(operand: string): ServicePath {
  const at = operand.indexOf(':');
  return at <= 0 || /^[./]/.test(operand) ? { service: undefined, path: operand } : { service: operand.slice(0, at), path: operand.slice(at + 1) };
}

export const statsCommand: ComposeCommand = {
  summary: 'Show what containers use',
  operands: '[OPTIONS] [SERVICE]',
  flags: [boolFlag('all', 'a', 'Show containers that do not run too'), stringFlag('format', '', "How to print: 'table', 'table TEMPLATE', 'json', or a Go TEMPLATE"), boolFlag('no-stream', '', 'Print once'), boolFlag('no-trunc', '', 'Cut nothing short')],
  run: async (context, args) => {
    const found = (await containersOf(context, openNamed(context), args.operands)).filter(({ state }) => args.bool('all') || state === 'running');
    return found.length === 0 ? 0 : dockerCommand(context, 'stats', [...passed(args, 'all', 'format', 'no-stream', 'no-trunc'), ...found.map(({ id }) => id)]);
  },
};
