import { messageOf } from '#base/error.ts';
import type { CliContext } from '../command-spec.ts';
import type { ApiClient } from '../http/api-client.ts';

/** The daemon could not say how the container ended. */
const WAIT_FAILED = 125;

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface Waiting {
  readonly exitCode: Promise<number>;
  /** Waits no longer: the connection would keep the program alive. */
  readonly cancel: () => void;
}

interface WaitAnswer {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string } | null;
}

/** Begins to wait for a container, which is sure once the daemon has answered with a head. */
export async function beginWait(context: CliContext, client: ApiClient, containerId: string, condition: WaitCondition): Promise<Waiting> {
  const { body, close } = await client.open('POST', `/containers/${containerId}/wait`, { query: { condition } });
  const canceller = new AbortController();
  const cancel = (): void => {
    canceller.abort();
    close();
  };
  return { exitCode: readExitCode(context, body, canceller.signal).finally(close), cancel };
}

async function readExitCode(context: CliContext, body: AsyncIterable<Uint8Array>, cancelled: AbortSignal): Promise<number> {
  try {
    let text = '';
    for await (const bytes of body) text += new TextDecoder().decode(bytes);
    const { StatusCode, Error: failure } = JSON.parse(text) as WaitAnswer;
    if (failure == null) return StatusCode;
    context.err(`Error waiting for container: ${failure.Message}\n`);
  } catch (error) {
    if (!cancelled.aborted) context.err(`error waiting for container: ${messageOf(error)}\n`);
  }
  return WAIT_FAILED;
}
