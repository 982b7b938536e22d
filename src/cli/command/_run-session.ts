import { messageOf } from '#base/error.ts';
import type { CliContext } from '../command-spec.ts';
import type { ApiClient } from '../http/api-client.ts';
import { interact, type InteractiveOptions } from '../http/interactive.ts';
import { followTerminalSize } from '../http/resize.ts';

export interface SessionOptions extends InteractiveOptions {
  readonly containerId: string;
  /** The daemon removes the container when it exits: the wait ends with the removal. */
  readonly autoRemove: boolean;
}

/** The daemon could not say how the container ended. */
const WAIT_FAILED = 125;

/**
 * Attaches to a container that doesn't run yet, starts it, and stays until it ends. Waiting begins before the start,
 * for a container may end before a later wait could begin. Answers with its exit code, or 0 when the person detached.
 */
export async function runAttached(context: CliContext, client: ApiClient, options: SessionOptions): Promise<number> {
  const { containerId, tty, stdin, stdout, stderr, detachKeys } = options;
  const hijacked = await client.hijack(`/containers/${containerId}/attach`, {
    query: { stream: true, stdin: stdin !== undefined, stdout: stdout !== undefined, stderr: stderr !== undefined, detachKeys: detachKeys || undefined },
  });
  // Nothing is read from our input before the start: if that fails, it is still whole.
  const { exitCode: status } = await waitFor(context, client, containerId, options.autoRemove);
  try {
    await client.text('POST', `/containers/${containerId}/start`);
  } catch (error) {
    hijacked.socket.destroy();
    if (options.autoRemove) await status;
    throw error;
  }
  const stopResizing = tty && context.io.stdout.isTTY === true ? followTerminalSize(client, `/containers/${containerId}/resize`, context.io.stdout) : undefined;
  try {
    const streams = interact(hijacked, options);
    const first = await Promise.race([streams, status]);
    if (first === 'detached') return 0;
    if (first !== 'ended') {
      // It ended: without output there is nothing more to wait for, with output the rest is still on its way.
      if (stdout === undefined && stderr === undefined) hijacked.socket.destroy();
      if ((await streams.catch(() => 'ended')) === 'detached') return 0;
    }
    return await status;
  } finally {
    stopResizing?.();
  }
}

interface WaitAnswer {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string } | null;
}

/** Begins to wait, which is sure once the daemon has answered with a head. */
async function waitFor(context: CliContext, client: ApiClient, containerId: string, autoRemove: boolean): Promise<{ readonly exitCode: Promise<number> }> {
  const query = { condition: autoRemove ? 'removed' : 'next-exit' };
  const { body, close } = await client.open('POST', `/containers/${containerId}/wait`, { query });
  const read = async (): Promise<number> => {
    try {
      let text = '';
      for await (const bytes of body) text += new TextDecoder().decode(bytes);
      const answer = JSON.parse(text) as WaitAnswer;
      if (answer.Error == null) return answer.StatusCode;
      context.err(`Error waiting for container: ${answer.Error.Message}\n`);
    } catch (error) {
      context.err(`error waiting for container: ${messageOf(error)}\n`);
    } finally {
      close();
    }
    return WAIT_FAILED;
  };
  return { exitCode: read() };
}
