import { invalid } from '../status-error.ts';
import { parseDurationNs } from './duration.ts';

/**
 * `--since` and `--until` as the API takes them: seconds since the epoch, with nanoseconds for a date. A duration
 * counts back from `nowMs`. A date without a zone is in the machine's. Undefined for an empty text.
 */
export function lowerTimestamp(text: string, nowMs: number): string | undefined {
  if (text === '') return undefined;
  if (text !== '0' && /^[+-]?([0-9.]+(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) {
    return String(Math.floor((nowMs - parseDurationNs(text) / 1e6) / 1000));
  }
  const date = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?(Z|[+-]\d\d:\d\d)?$/i.exec(text);
  if (date !== null) {
    const [, day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = ''] = date;
    const ms = new Date(`${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`).getTime();
    if (!Number.isNaN(ms)) return `${ms / 1000}.${fraction.slice(0, 9).padEnd(9, '0')}`;
  }
  if (!/^[+-]?[0-9]+(\.[0-9]+)?$/.test(text)) throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return text;
}
