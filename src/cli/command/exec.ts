import { readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag, listFlag, stringFlag } from '../grammar/flag.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import type { ApiClient } from '../http/api-client.ts';
import { interact } from '../http/interactive.ts';
import { followTerminalSize } from '../http/resize.ts';
import { parseKeyValueFile } from '../lower/key-value-file.ts';
import { listOrNull } from '../lower/split.ts';
import { checkEnv, lowerEnv } from '../lower/values.ts';
import { invalid, StatusError } from '../status-error.ts';
import { pathPart } from './_each.ts';
import { reasonOf } from './_open-file.ts';

export const execCommand: CommandSpec = {
  summary: 'Execute a command in a running container',
  operands: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  aliases: ['container exec', 'exec'],
  flags: [
    boolFlag('detach', 'd', 'Leave it running in the background'),
    stringFlag('detach-keys', '', 'Keys that detach from it'),
    listFlag('env', 'e', 'Set an environment variable, or pass on one of ours (KEY=value, KEY)', { check: checkEnv }),
    listFlag('env-file', '', 'Read environment variables from a file', { completes: 'file' }),
    boolFlag('kill-on-detach', '', 'Kill the command when the connection to it ends (with Gantry)'),
    boolFlag('interactive', 'i', 'Keep standard input open'),
    boolFlag('privileged', '', 'Give the command every privilege'),
    boolFlag('tty', 't', 'Allocate a terminal'),
    stringFlag('user', 'u', 'Run as this user (name or uid, then maybe :group or :gid)'),
    stringFlag('workdir', 'w', 'Working directory in the container'),
  ],
  arity: atLeast(2),
  stopAtOperand: true,
  run: async (context, args) => {
    const body = execBody(context, args);
    const client = await context.client();
    const container = args.operand(0);
    // A container that isn't there is a better complaint than a terminal that isn't.
    await client.text('GET', `/containers/${pathPart(container)}/json`);
    if (body.AttachStdin && body.Tty && context.io.stdin.isTTY !== true) throw invalid('the input device is not a TTY');
    const { Id } = await client.json<{ readonly Id: string }>('POST', `/containers/${pathPart(container)}/exec`, { json: body });
    const start = { Detach: args.bool('detach'), Tty: body.Tty, ...(body.ConsoleSize === undefined ? {} : { ConsoleSize: body.ConsoleSize }) };
    if (!args.bool('detach')) return execAttached(context, client, args.bool('kill-on-detach') ? `/exec/${Id}/start?killOnDisconnect=1` : `/exec/${Id}/start`, Id, body, start);
    await client.text('POST', `/exec/${Id}/start`, { json: start });
    return 0;
  },
};

interface ExecBody {
  readonly User: string;
  readonly Privileged: boolean;
  readonly Tty: boolean;
  readonly ConsoleSize?: readonly [number, number];
  readonly AttachStdin: boolean;
  readonly AttachStderr: boolean;
  readonly AttachStdout: boolean;
  readonly DetachKeys: string;
  readonly Env: readonly string[] | null;
  readonly WorkingDir: string;
  readonly Cmd: readonly string[];
  readonly Detach?: boolean;
}

function execBody(context: CliContext, args: ParsedArgs): ExecBody {
  const { stdout, env } = context.io;
  const attached = !args.bool('detach');
  const fromFiles = args.list('env-file').flatMap((path) => parseKeyValueFile(readNamedFile(path), path, (name) => env[name]));
  return {
    User: args.string('user'),
    Privileged: args.bool('privileged'),
    Tty: args.bool('tty'),
    ...(args.bool('tty') ? { ConsoleSize: [stdout.rows ?? 0, stdout.columns ?? 0] as const } : {}),
    AttachStdin: attached && args.bool('interactive'),
    AttachStderr: attached,
    AttachStdout: attached,
    DetachKeys: args.string('detach-keys'),
    Env: listOrNull([...fromFiles, ...lowerEnv(args.list('env'), { env: (name) => env[name] })]),
    WorkingDir: args.string('workdir'),
    Cmd: args.operands.slice(1),
    ...(attached ? {} : { Detach: true }),
  };
}

async function execAttached(context: CliContext, client: ApiClient, path: string, id: string, body: ExecBody, start: object): Promise<number> {
  const { stdin, stdout, stderr } = context.io;
  const hijacked = await client.hijack(path, { json: start });
  const stopResizing = body.Tty && stdin.isTTY === true ? followTerminalSize(client, `/exec/${id}/resize`, stdout) : undefined;
  try {
    const how = await interact(hijacked, {
      tty: body.Tty,
      stdin: body.AttachStdin ? stdin : undefined,
      stdout,
      stderr: body.Tty ? stdout : stderr,
      detachKeys: body.DetachKeys,
    });
    if (how === 'detached') throw new StatusError(1, 'read escape sequence', 'interrupted');
    const { ExitCode } = await client.json<{ readonly ExitCode: number | null }>('GET', `/exec/${id}/json`);
    return ExitCode ?? 0;
  } finally {
    stopResizing?.();
  }
}

function readNamedFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new GantryError('invalid', `open ${path}: ${reasonOf(cause)}`, { cause });
  }
}
