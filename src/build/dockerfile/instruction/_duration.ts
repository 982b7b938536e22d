import { DockerfileError } from '../dockerfile-error.ts';
import { quote } from '../_quote.ts';

const UNIT_NS: ReadonlyMap<string, number> = new Map([['ns', 1], ['us', 1e3], ['µs', 1e3], ['μs', 1e3], ['ms', 1e6], ['s', 1e9], ['m', 60e9], ['h', 3600e9]]);
const MAX_NS = 2 ** 63;

/** Nanoseconds of a duration as Go writes them: `1m30s`, `1.5h`, `0`. */
export function parseGoDuration(text: string): number {
  const refuse = (why: string): DockerfileError => new DockerfileError(`time: ${why}`, { token: text });
  const isNegative = text.startsWith('-');
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw refuse(`invalid duration ${quote(text)}`);
  let total = 0;
  while (rest !== '') {
    const digits = /^[0-9]*(?:\.[0-9]*)?/.exec(rest)?.[0] ?? '';
    const unit = /^[^0-9.]*/.exec(rest.slice(digits.length))?.[0] ?? '';
    if (digits === '' || digits === '.') throw refuse(`invalid duration ${quote(text)}`);
    if (unit === '') throw refuse(`missing unit in duration ${quote(text)}`);
    const factor = UNIT_NS.get(unit);
    if (factor === undefined) throw refuse(`unknown unit ${quote(unit)} in duration ${quote(text)}`);
    total += Number(digits) * factor;
    if (total >= MAX_NS) throw refuse(`invalid duration ${quote(text)}`);
    rest = rest.slice(digits.length + unit.length);
  }
  return Math.trunc(total) * (isNegative ? -1 : 1);
}
