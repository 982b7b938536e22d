import { GantryError } from './error.ts';

/*
 * The quantities that people type and read: bytes, durations, CPUs.
 * Bytes follow the rules of docker/go-units (size.go, duration.go), durations those of Go's package
 * time, so that every value accepted or printed by the docker CLI is accepted or printed alike here.
 */

const LONGEST_TEXT = 64;
const SIZE = /^(?<number>\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?) ?(?<suffix>[a-z]*)$/i;
const SIZE_POWERS = ['k', 'm', 'g', 't', 'p'];
const SIZE_SUFFIX_ENDS = ['', 'b', 'ib'];
const SIZE_HINT = "Write a number and a unit, such as '512m' or '1.5GiB'.";

/** Bytes where `k` is 1024: memory. Takes `512m`, `1.5GiB`, `64 kb`, `1048576`. */
export function parseBinarySize(text: string): number {
  return parseSize(text, 1024);
}

/** Bytes where `k` is 1000: disk and transfer. */
export function parseDecimalSize(text: string): number {
  return parseSize(text, 1000);
}

function parseSize(text: string, base: 1000 | 1024): number {
  const groups = text.length > LONGEST_TEXT ? undefined : SIZE.exec(text)?.groups;
  if (groups === undefined) throw invalid('size', text, 'it is not a number and a unit', SIZE_HINT);
  const suffix = groups['suffix']!.toLowerCase();
  const power = ['b', ...SIZE_POWERS].indexOf(suffix[0] ?? 'b');
  if (power < 0 || !(power === 0 ? ['', 'b'] : SIZE_SUFFIX_ENDS).includes(power === 0 ? suffix : suffix.slice(1))) {
    throw invalid('size', text, `the unit '${groups['suffix']}' is none of b, k, m, g, t and p`, SIZE_HINT);
  }
  const bytes = Math.trunc(Number(groups['number']) * base ** power);
  if (!Number.isSafeInteger(bytes)) throw invalid('size', text, 'it is larger than any machine has', SIZE_HINT);
  return bytes;
}

const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'] as const;
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'] as const;

/** Four significant digits by default: `1.234MB`. `docker images` prints three. */
export function formatDecimalSize(bytes: number, digits = 4): string {
  return formatSize(bytes, 1000, DECIMAL_UNITS, digits);
}

/** `1.5GiB`, `15.62MiB`. */
export function formatBinarySize(bytes: number, digits = 4): string {
  return formatSize(bytes, 1024, BINARY_UNITS, digits);
}

function formatSize(bytes: number, base: number, units: readonly string[], digits: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  return significant(size, digits) + units[unit];
}

/** C's `%.<digits>g`, as Go renders it: exact halves go to the even digit, 999.9 at three digits is `1e+03`. */
function significant(value: number, digits: number): string {
  const exact = value.toPrecision(60);
  const exactDigits = exact.replace('.', '').replace(/^0+/, '');
  const tie = /^50*$/.test(exactDigits.slice(digits)) && '02468'.includes(exactDigits[digits - 1] ?? '');
  const rounded = tie ? exact.slice(0, value >= 10 ** (digits - 1) ? digits : digits + 1) : value.toPrecision(digits);
  const [mantissa = '', exponent] = rounded.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

const NS_PER: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n, // micro sign
  '\u03bcs': 1_000n, // Greek mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const LONGEST_NS = (1n << 63n) - 1n;
const DURATION_HINT = "Write numbers with units, such as '1h30m', '10s' or '500ms'.";

/** Nanoseconds of a Go duration: `1h2m3.5s`, `-10ms`, `0`. */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith('-');
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0n;
  if (text.length > LONGEST_TEXT || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)[^\d.]+)+$/.test(body)) {
    const reason = /^[\d.]+$/.test(body) ? 'the unit is missing' : 'it is not a row of numbers with units';
    throw invalid('duration', text, reason, DURATION_HINT);
  }
  let totalNs = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)(?:\.(\d*))?([^\d.]+)/g)) {
    const unitNs = Object.hasOwn(NS_PER, unit) ? NS_PER[unit] : undefined;
    if (unitNs === undefined) throw invalid('duration', text, `the unit '${unit}' is none of ns, us, ms, s, m and h`, DURATION_HINT);
    totalNs += BigInt(whole === '' ? 0 : whole) * unitNs;
    // In floating point and cut, as Go does: a third of an hour written out is 20 minutes.
    totalNs += BigInt(Math.trunc(Number(fraction) * (Number(unitNs) / 10 ** fraction.length)));
  }
  if (totalNs > LONGEST_NS) throw invalid('duration', text, 'it is longer than 292 years', DURATION_HINT);
  return negative ? -totalNs : totalNs;
}

/** As Go prints one: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatDuration(durationNs: bigint): string {
  if (durationNs === 0n) return '0s';
  if (durationNs < 0n) return `-${formatDuration(-durationNs)}`;
  for (const [unit, unitNs, nextNs] of [['ns', 1n, 1_000n], ['\u00b5s', 1_000n, 1_000_000n], ['ms', 1_000_000n, 1_000_000_000n]] as const) {
    if (durationNs < nextNs) return decimal(durationNs, unitNs) + unit;
  }
  const minutes = durationNs / 60_000_000_000n;
  const seconds = `${decimal(durationNs % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** How long ago, in words: `Less than a second`, `About an hour`, `3 weeks`. */
export function formatRoughDuration(durationNs: bigint): string {
  const seconds = Number(durationNs / 1_000_000_000n);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(Number(durationNs) / 3.6e12 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(Number(durationNs) / 3.6e12 / 24 / 365)} years`;
}

const NANO = 1_000_000_000n;
const CPUS_HINT = "Write a number such as '1.5'.";

/** Billionths of a CPU: `1.5` is 1,500,000,000. More than nine decimals are refused, not rounded. */
export function parseNanoCpus(text: string): number {
  const groups = /^(?<whole>\d*)(?:\.(?<fraction>\d*?)0*)?$/.exec(text)?.groups;
  const whole = groups?.['whole'] ?? '';
  const fraction = groups?.['fraction'] ?? '';
  if (groups === undefined || text.length > LONGEST_TEXT || !/\d/.test(text)) throw invalid('number of CPUs', text, 'it is not a decimal number', CPUS_HINT);
  if (fraction.length > 9) throw invalid('number of CPUs', text, 'it has more than nine decimals', CPUS_HINT);
  const nanoCpus = Number(BigInt(whole === '' ? 0 : whole) * NANO + BigInt(fraction.padEnd(9, '0')));
  if (!Number.isSafeInteger(nanoCpus)) throw invalid('number of CPUs', text, 'it is larger than any machine has', CPUS_HINT);
  return nanoCpus;
}

export function formatNanoCpus(nanoCpus: number): string {
  return decimal(BigInt(nanoCpus), NANO);
}

function decimal(value: bigint, unit: bigint): string {
  const width = unit.toString().length - 1;
  const fraction = (value % unit).toString().padStart(width, '0').replace(/0+$/, '');
  return fraction === '' || width === 0 ? `${value / unit}` : `${value / unit}.${fraction}`;
}

function invalid(what: string, text: string, reason: string, hint: string): GantryError {
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
  return new GantryError('invalid', `'${shown}' is not a ${what}: ${reason}`, { hint });
}
