import { messageOf } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import { forwardSignals } from '../http/signals.ts';
import { invalid } from '../status-error.ts';
import { pathPart } from './_each.ts';
import type { InspectedContainer } from './_inspected-container.ts';
import { runAttached } from './_run-session.ts';

export const startCommand: CommandSpec = {
  summary: 'Start stopped containers',
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container start', 'start'],
  flags: [
    boolFlag('attach', 'a', 'Show its output and pass signals on'),
    stringFlag('detach-keys', '', 'Keys that detach from it'),
    boolFlag('interactive', 'i', 'Attach our input too'),
  ],
  arity: atLeast(1),
  run: async (context, args) =>
    args.bool('attach') || args.bool('interactive') ? startAttached(context, args) : startAll(context, args.operands),
};

async function startAll(context: CliContext, names: readonly string[]): Promise<number> {
  const client = await context.client();
  const failed: string[] = [];
  for (const name of names) {
    try {
      await client.text('POST', `/containers/${pathPart(name)}/start`);
      context.out(`${name}\n`);
    } catch (error) {
      context.err(`${messageOf(error)}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw invalid(`Error: failed to start containers: ${failed.join(', ')}`);
  return 0;
}

async function startAttached(context: CliContext, args: ParsedArgs): Promise<number> {
  if (args.operands.length > 1) throw invalid('you cannot start and attach multiple containers at once');
  const client = await context.client();
  const { Id, Config, HostConfig } = await client.json<InspectedContainer>('GET', `/containers/${pathPart(args.operand(0))}/json`);
  const { stdin, stdout, stderr } = context.io;
  const stopForwarding = Config.Tty ? undefined : forwardSignals(client, Id);
  try {
    return await runAttached(context, client, {
      containerId: Id,
      autoRemove: HostConfig.AutoRemove,
      tty: Config.Tty,
      stdin: args.bool('interactive') && Config.OpenStdin ? stdin : undefined,
      stdout,
      stderr,
      detachKeys: args.string('detach-keys'),
    });
  } finally {
    stopForwarding?.();
  }
}
