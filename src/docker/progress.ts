import type { Json } from '#base/json.ts';
import { messageOf } from '#base/error.ts';

/** One message of a progress stream. docker's clients split the stream at `\r\n`. */
export function progressMessage(message: Readonly<Record<string, Json | undefined>>): string {
  return `${JSON.stringify(message)}\r\n`;
}

/** A failure after the answer has begun: the status is sent already, so it goes into the stream. */
export function progressError(thrown: unknown): string {
  const message = messageOf(thrown);
  return progressMessage({ errorDetail: { message }, error: message });
}

/** Sizes as a person reads them beside a bar: `12.5MB`. */
export function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(4))}${units[power] ?? 'B'}`;
}
