import { invalid } from '../status-error.ts';

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9,
};

/** Nanoseconds of a Go duration: `1m30s`, `1.5h`, `-2s`, `0`. Throws `invalid` with Go's sentence. */
export function parseDurationNs(text: string): number {
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (body === '') throw invalid(`time: invalid duration ${JSON.stringify(text)}`);
  let total = 0;
  let rest = body;
  while (rest !== '') {
    const match = /^([0-9]*(?:\.[0-9]*)?)([^0-9.]*)/.exec(rest);
    const [whole = '', digits = '', unit = ''] = match ?? [];
    if (digits === '' || digits === '.') throw invalid(`time: invalid duration ${JSON.stringify(text)}`);
    if (unit === '') throw invalid(`time: missing unit in duration ${JSON.stringify(text)}`);
    const factor = UNIT_NS[unit];
    if (factor === undefined) throw invalid(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(digits) * factor;
    rest = rest.slice(whole.length);
  }
  return Math.trunc(total) * (text.startsWith('-') ? -1 : 1);
}
