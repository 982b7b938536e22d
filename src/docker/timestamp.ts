import { GantryError } from '#base/error.ts';

const UNITS_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** `seconds[.nanoseconds]` since the epoch, as clients send since and until. */
export function parseTimestampNs(text: string): bigint {
  const match = /^(-?\d{1,12})(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new GantryError('invalid', `strconv.ParseInt: parsing "${text}": invalid syntax`);
  const [, seconds = '0', fraction = ''] = match;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

function durationNs(text: string): bigint | undefined {
  if (!/^[-+]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const total = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS_NS[unit ?? 's'] ?? 0), 0);
  return BigInt(Math.round(text.startsWith('-') ? -total : total));
}

/** Filters also take a duration before now, and dates as RFC 3339 has them; without a zone they are UTC. */
export function parseMomentNs(text: string, nowNs: bigint): bigint {
  const ago = durationNs(text);
  if (ago !== undefined) return nowNs - ago;
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const zoned = /T.*(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : text.includes('T') ? `${text}${/T\d\d$/.test(text) ? ':00' : ''}Z` : text;
    const ms = Date.parse(zoned);
    if (Number.isFinite(ms)) return BigInt(ms) * 1_000_000n;
  }
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new GantryError('invalid', `failed to parse value as time or duration: "${text}"`);
  return parseTimestampNs(text);
}
