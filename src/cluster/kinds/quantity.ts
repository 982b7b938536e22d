import { GantryError } from '#base/error.ts';

/** How a quantity was written, and is written again: `1500m`, `1Gi` or `15e2`. */
export type QuantityFormat = 'decimal' | 'binary' | 'exponent';

/** An amount of a resource (apimachinery, pkg/api/resource): exact, in billionths. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
const NANO_DIGITS = 9;
/** Upstream's bound of what is written with a binary suffix. */
const MOST = (2n ** 63n - 1n) * NANO;
/** Longer ones are nobody's resources, and would cost memory. */
const MOST_DIGITS = 64;
const MOST_EXPONENT = 100;

const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ['n', -9], ['u', -6], ['m', -3], ['', 0], ['k', 3], ['M', 6], ['G', 9], ['T', 12], ['P', 15], ['E', 18],
];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const TEXT = /^([+-]?)(\d*)(?:(\.)(\d*))?([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/** @throws GantryError invalid, in upstream's words */
export function parseQuantity(text: string): Quantity {
  const match = text.length > MOST_DIGITS ? null : TEXT.exec(text);
  const [, sign = '', whole = '', point, fraction = '', suffix = ''] = match ?? [];
  if (match === null || (whole === '' && (point === undefined || fraction === ''))) throw malformed();
  const digits = BigInt(`${whole}${fraction}`);
  const format = suffix.endsWith('i') ? 'binary' : /^[eE][+-]?\d/.test(suffix) ? 'exponent' : 'decimal';
  const factor = format === 'binary' ? 1024n ** BigInt(BINARY.indexOf(suffix)) : 1n;
  const exponent = format === 'binary' ? 0 : format === 'exponent' ? Number(suffix.slice(1)) : exponentOf(suffix);
  if (Math.abs(exponent) > MOST_EXPONENT) throw new GantryError('invalid', "unable to parse quantity's suffix");
  const nano = shifted(digits * factor, exponent - fraction.length + NANO_DIGITS);
  const bounded = format === 'binary' && nano > MOST ? MOST : nano;
  // A binary amount below one shows more of itself as a decimal.
  const shown = format === 'binary' && bounded > 0n && bounded < NANO ? 'decimal' : format;
  return { nano: sign === '-' ? -bounded : bounded, format: shown };
}

function malformed(): GantryError {
  return new GantryError('invalid', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

function exponentOf(suffix: string): number {
  return (DECIMAL.find(([name]) => name === suffix) as readonly [string, number])[1];
}

/** Times ten to a power; what is lost below one rounds up, because who asks for some should get some. */
function shifted(digits: bigint, power: number): bigint {
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (digits + divisor - 1n) / divisor;
}

/** The one text of an amount: no fraction, and the largest suffix. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const isSmall = nano > -1024n * NANO && nano < 1024n * NANO;
  if (format === 'binary' && !isSmall && nano % NANO === 0n) return formatBinary(nano / NANO);
  return formatDecimal(nano, format === 'exponent');
}

function formatBinary(amount: bigint): string {
  let rest = amount;
  let place = 0;
  while (place < BINARY.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    place++;
  }
  return `${rest}${BINARY[place]}`;
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  let rest = nano;
  let exponent = -NANO_DIGITS;
  const last = asExponent ? Number.POSITIVE_INFINITY : 18;
  while (exponent < last && rest % 1000n === 0n) {
    rest /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
  return `${rest}${DECIMAL.find(([, power]) => power === exponent)?.[0] ?? ''}`;
}

/** The text that upstream writes for a text that is a quantity. */
export function canonicalQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

/** Below, at or above zero, as a comparison for sorting. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  return left.nano < right.nano ? -1 : left.nano > right.nano ? 1 : 0;
}

/** In the format of the first, unless that is nothing. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return { nano: left.nano + right.nano, format: left.nano === 0n ? right.format : left.format };
}

export function subtractQuantities(left: Quantity, right: Quantity): Quantity {
  return addQuantities(left, { ...right, nano: -right.nano });
}

/** Whole units, rounded away from zero: bytes of `memory`. */
export function wholeValue({ nano }: Quantity): bigint {
  return dividedUp(nano, NANO);
}

/** Thousandths, rounded away from zero: millicores of `cpu`. */
export function milliValue({ nano }: Quantity): bigint {
  return dividedUp(nano, NANO / 1000n);
}

function dividedUp(value: bigint, by: bigint): bigint {
  return value < 0n ? -((-value + by - 1n) / by) : (value + by - 1n) / by;
}
