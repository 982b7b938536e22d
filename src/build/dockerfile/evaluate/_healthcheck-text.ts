import type { ImageHealthcheck } from '#image/oci/image-config.ts';
import { quote, quoteList } from '../_quote.ts';

const UNITS: readonly (readonly [unit: string, ns: number])[] = [['ms', 1e6], ['µs', 1e3], ['ns', 1]];

/** A duration as Go prints it: `1m30s`, `1.5s`, `500ms`. */
export function goDuration(ns: number): string {
  if (ns === 0) return '0s';
  if (ns < 1e9) {
    const [unit, size] = UNITS.find(([, least]) => ns >= least) as readonly [string, number];
    return `${ns / size}${unit}`;
  }
  const seconds = (ns % 60e9) / 1e9;
  const minutes = Math.trunc(ns / 60e9) % 60;
  const hours = Math.trunc(ns / 3600e9);
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}

/** The check as BuildKit's history has it: a struct of Go, in quotes as far as they go. */
export function healthcheckText({ Test = [], Interval = 0, Timeout = 0, StartPeriod = 0, StartInterval = 0, Retries = 0 }: ImageHealthcheck): string {
  const durations = [Interval, Timeout, StartPeriod, StartInterval].map((ns) => quote(goDuration(ns)));
  return `&{${[quoteList(Test), ...durations, quoteRune(Retries)].join(' ')}}`;
}

function quoteRune(code: number): string {
  const character = code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
  if (character === "'") return "'\\''";
  return character === '"' ? "'\"'" : `'${quote(character).slice(1, -1)}'`;
}
