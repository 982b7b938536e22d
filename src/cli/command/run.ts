import { messageOf } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import { forwardSignals } from '../http/signals.ts';
import type { CreateBody } from '../lower/create-body.ts';
import { invalid, StatusError } from '../status-error.ts';
import { createBody, createContainer } from './_create-container.ts';
import { containerFlags } from './_run-flags.ts';
import { runAttached } from './_run-session.ts';

/** Exit codes of `run` itself, which docker took from the shells: the container's own begin where these end. */
const FAILED = 125;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

export const runCommand: CommandSpec = {
  summary: 'Create a container of an image and run it',
  operands: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  aliases: ['container run', 'run'],
  flags: [
    ...containerFlags,
    boolFlag('detach', 'd', 'Leave it running in the background and print its id'),
    stringFlag('detach-keys', '', 'Keys that detach from it'),
    boolFlag('sig-proxy', '', 'Pass our signals on to it', true),
  ],
  arity: atLeast(1),
  stopAtOperand: true,
  run: async (context, args) => {
    const body = refusingWith(context, () => createBody(context, args));
    if (args.bool('detach') && args.changed('attach')) throw invalid('conflicting options: cannot specify both --attach and --detach');
    checkTerminal(context, args, body);
    try {
      return await (args.bool('detach') ? runDetached(context, args, body) : runInForeground(context, args, body));
    } catch (error) {
      throw toStatus(context, error);
    }
  },
};

async function runDetached(context: CliContext, args: ParsedArgs, body: CreateBody): Promise<number> {
  const detached = { ...body, AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false };
  const id = await createContainer(context, args, detached);
  const client = await context.client();
  context.out(`${id}\n`);
  await client.text('POST', `/containers/${id}/start`);
  return 0;
}

async function runInForeground(context: CliContext, args: ParsedArgs, body: CreateBody): Promise<number> {
  const { stdin, stdout, stderr } = context.io;
  const id = await createContainer(context, args, body);
  const client = await context.client();
  const stopForwarding = args.bool('sig-proxy') ? forwardSignals(client, id) : undefined;
  try {
    return await runAttached(context, client, {
      containerId: id,
      autoRemove: body.HostConfig.AutoRemove,
      tty: body.Tty,
      stdin: body.AttachStdin ? stdin : undefined,
      stdout: body.AttachStdout ? stdout : undefined,
      stderr: body.AttachStderr ? (body.Tty ? stdout : stderr) : undefined,
      detachKeys: args.string('detach-keys'),
    });
  } finally {
    stopForwarding?.();
  }
}

function checkTerminal(context: CliContext, args: ParsedArgs, body: CreateBody): void {
  if (!args.bool('detach') && body.AttachStdin && body.Tty && context.io.stdin.isTTY !== true) throw invalid('the input device is not a TTY');
}

function refusingWith<T>(context: CliContext, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new StatusError(FAILED, withHelp(context, messageOf(error)));
  }
}

/** A failure of the container's own program has its shell's exit code, any other one is `run`'s. */
function toStatus(context: CliContext, error: unknown): StatusError {
  const message = messageOf(error);
  const notFound = /executable file not found|no such file or directory/i.test(message);
  const notExecutable = /permission denied|is a directory|not executable/.test(message);
  return new StatusError(notFound ? NOT_FOUND : notExecutable ? NOT_EXECUTABLE : FAILED, withHelp(context, message), 'internal', error);
}

function withHelp(context: CliContext, message: string): string {
  return `${context.program}: ${message}\n\nRun '${context.program} run --help' for more information`;
}
