import { invalid } from '../status-error.ts';

const EXPONENTS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * Bytes of `512`, `64m`, `1.5 GiB`, `2kb`: powers of 1024, case ignored. Throws `invalid` with docker's sentence.
 */
export function parseSize(text: string): number {
  const split = text.search(/[^0-9. ][^0-9. ]*$/);
  const end = split === -1 ? text.length : split;
  if (end === 0) throw invalid(`invalid size: '${text}'`);
  const digits = text.slice(0, end).replace(/ $/, '');
  const suffix = text.slice(end).toLowerCase();
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(digits)) throw invalid(`strconv.ParseFloat: parsing ${JSON.stringify(digits)}: invalid syntax`);
  const value = Number(digits);
  if (value < 0) throw invalid(`invalid size: '${text}'`);
  if (suffix === '' || suffix === 'b') return Math.trunc(value);
  const exponent = /^[kmgtp](b|ib)?$/.test(suffix) ? EXPONENTS[suffix.charAt(0)] : undefined;
  if (exponent === undefined) throw invalid(`invalid suffix: '${suffix}'`);
  return Math.trunc(value * 1024 ** exponent);
}

/** As {@link parseSize}, with -1 for no limit. */
export function parseSwapSize(text: string): number {
  return text === '-1' ? -1 : parseSize(text);
}

/** Billionths of a CPU from `1.5` or `3/2`. Throws `invalid` for what is no number or finer than a billionth. */
export function parseNanoCpus(text: string): number {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?(?:\/([0-9]+))?$/.exec(text);
  const [, sign, whole = '', fraction = '', exponent = '0', divisor = '1'] = match ?? [];
  if (match === null || whole + fraction === '' || BigInt(divisor) === 0n) throw invalid(`failed to parse ${text} as a rational number`);
  const shift = 9 + Number(exponent) - fraction.length;
  const numerator = BigInt(whole + fraction) * 10n ** BigInt(Math.max(shift, 0));
  const denominator = BigInt(divisor) * 10n ** BigInt(Math.max(-shift, 0));
  if (numerator % denominator !== 0n) throw invalid('value is too precise');
  return Number(numerator / denominator) * (sign === '-' ? -1 : 1);
}
