import { GantryError } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { exactly } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import type { ApiClient } from '../http/api-client.ts';
import { interact } from '../http/interactive.ts';
import { followTerminalSize } from '../http/resize.ts';
import { forwardSignals } from '../http/signals.ts';
import type { OutputStream } from '../io.ts';
import { invalid, StatusError } from '../status-error.ts';
import { pathPart } from './_each.ts';
import type { InspectedContainer } from './_inspected-container.ts';
import { beginWait } from './_wait.ts';

export const attachCommand: CommandSpec = {
  summary: 'Attach our terminal to a running container',
  operands: '[OPTIONS] CONTAINER',
  aliases: ['container attach', 'attach'],
  flags: [
    stringFlag('detach-keys', '', 'Keys that detach from it'),
    boolFlag('no-stdin', '', 'Do not attach our input'),
    boolFlag('sig-proxy', '', 'Pass our signals on to it', true),
  ],
  arity: exactly(1),
  run: async (context, args) => {
    const { stdin, stdout, stderr } = context.io;
    const client = await context.client();
    const { Id, Config } = await inspectRunning(client, args.operand(0));
    const takesInput = !args.bool('no-stdin');
    if (takesInput && Config.Tty && stdin.isTTY !== true) throw invalid('the input device is not a TTY');
    const input = takesInput && Config.OpenStdin ? stdin : undefined;
    const waiting = await beginWait(context, client, Id, 'not-running');
    const detachKeys = args.string('detach-keys');
    const query = { stream: true, stdin: input !== undefined, stdout: true, stderr: true, detachKeys: detachKeys || undefined };
    const hijacked = await client.hijack(`/containers/${Id}/attach`, { query });
    // It may have stopped since: a stream of a stopped container would never end.
    await inspectRunning(client, Id);
    const stopForwarding = args.bool('sig-proxy') && !Config.Tty ? forwardSignals(client, Id) : undefined;
    const stopResizing = Config.Tty && stdout.isTTY === true ? await wakeTerminal(client, Id, stdout) : undefined;
    try {
      const how = await interact(hijacked, { tty: Config.Tty, stdin: input, stdout, stderr, detachKeys });
      if (how === 'detached') throw new StatusError(1, 'read escape sequence', 'interrupted');
      return await waiting.exitCode;
    } finally {
      stopForwarding?.();
      stopResizing?.();
      waiting.cancel();
    }
  },
};

async function inspectRunning(client: ApiClient, name: string): Promise<InspectedContainer> {
  const container = await client.json<InspectedContainer>('GET', `/containers/${pathPart(name)}/json`);
  const { Running, Paused, Restarting } = container.State;
  const refuse = (message: string): never => {
    throw new GantryError('conflict', message);
  };
  if (!Running) refuse('You cannot attach to a stopped container, start it first');
  if (Paused) refuse('You cannot attach to a paused container, unpause it first');
  if (Restarting) refuse('You cannot attach to a restarting container, wait until it is running');
  return container;
}

/** A shell prints its prompt again when the size changes: so we change it, and then say the true one. */
async function wakeTerminal(client: ApiClient, id: string, stdout: OutputStream): Promise<() => void> {
  const query = { h: (stdout.rows ?? 0) + 1, w: (stdout.columns ?? 0) + 1 };
  await client.text('POST', `/containers/${id}/resize`, { query }).catch(() => '');
  return followTerminalSize(client, `/containers/${id}/resize`, stdout);
}
