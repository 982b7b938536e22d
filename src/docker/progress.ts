import type { Json } from '#base/json.ts';
import { messageOf } from '#base/error.ts';

/** One message of a progress stream. docker's clients split the stream at `\r\n`. */
export function progressMessage(message: Readonly<Record<string, Json | undefined>>): string {
  return `${JSON.stringify(message)}\r\n`;
}

/** A failure after the answer has begun: the status is sent already, so it goes into the stream, with the exit code of a command. */
export function progressError(thrown: unknown): string {
  const message = messageOf(thrown);
  const code = (thrown as { readonly exitCode?: unknown } | undefined)?.exitCode;
  return progressMessage({ errorDetail: { ...(typeof code === 'number' ? { code } : {}), message }, error: message });
}
