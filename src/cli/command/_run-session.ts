import type { CliContext } from '../command-spec.ts';
import type { ApiClient } from '../http/api-client.ts';
import { interact, type InteractiveOptions } from '../http/interactive.ts';
import { followTerminalSize } from '../http/resize.ts';
import { beginWait } from './_wait.ts';

export interface SessionOptions extends InteractiveOptions {
  readonly containerId: string;
  /** The daemon removes the container when it exits: the wait ends with the removal. */
  readonly autoRemove: boolean;
}

/**
 * Attaches to a container that doesn't run yet, starts it, and stays until it ends. Waiting begins before the start,
 * for a container may end before a later wait could begin. Answers with its exit code, or 0 when the person detached.
 */
export async function runAttached(context: CliContext, client: ApiClient, options: SessionOptions): Promise<number> {
  const { containerId, tty, stdin, stdout, stderr, detachKeys } = options;
  const hijacked = await client.hijack(`/containers/${containerId}/attach`, {
    query: { stream: true, stdin: stdin !== undefined, stdout: stdout !== undefined, stderr: stderr !== undefined, detachKeys: detachKeys || undefined },
  });
  const waiting = await beginWait(context, client, containerId, options.autoRemove ? 'removed' : 'next-exit');
  try {
    await client.text('POST', `/containers/${containerId}/start`);
  } catch (error) {
    hijacked.socket.destroy();
    if (options.autoRemove) await waiting.exitCode;
    waiting.cancel();
    throw error;
  }
  const stopResizing = tty && context.io.stdout.isTTY === true ? followTerminalSize(client, `/containers/${containerId}/resize`, context.io.stdout) : undefined;
  try {
    const streams = interact(hijacked, options);
    const first = await Promise.race([streams, waiting.exitCode]);
    if (first === 'detached') return 0;
    if (first !== 'ended') {
      // It ended: without output there is nothing more to wait for, with output the rest is still on its way.
      if (stdout === undefined && stderr === undefined) hijacked.socket.destroy();
      if ((await streams.catch(() => 'ended')) === 'detached') return 0;
    }
    return await waiting.exitCode;
  } finally {
    stopResizing?.();
    waiting.cancel();
  }
}
