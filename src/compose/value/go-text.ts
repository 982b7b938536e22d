import { Float, isMapping, type Value } from './value.ts';

/**
 * A value as Go's `%v` prints it. Values that become text (environment, labels, options) are compared with, and
 * hashed like, those of docker compose, so `1.0` has to become `1` and `1000000.0` `1e+06`.
 */
export function goText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '<nil>';
  if (value instanceof Float) return goFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isMapping(value)) return `map[${[...value].sort(byKey).map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`;
  return String(value);
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compareText(a[0], b[0]);
}

/** From this power of ten on Go writes an exponent. */
const GO_EXPONENT = 6;

/** Go's `%g` of the shortest digits that read back as the same number. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const exponent = Number(value.toExponential().split('e')[1]);
  if (exponent >= -4 && exponent < GO_EXPONENT) return String(value);
  const [mantissa = '', power = ''] = value.toExponential().split('e');
  return `${mantissa}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}

/** The fewest digits that read back as the same 32-bit float, as Go prints a float32. */
export function shortestFloat32(value: number): number {
  const rounded = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(rounded.toPrecision(digits));
    if (Math.fround(candidate) === rounded) return candidate;
  }
  return rounded;
}

/** Go sorts strings by bytes of UTF-8, which is the order of code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
