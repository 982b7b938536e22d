import type { Environment } from '@marcbachmann/cel-js';
import { GantryError } from '#base/error.ts';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, subtractQuantities, type Quantity } from '../quantity.ts';

const NANO = 1_000_000_000n;
const TYPE = 'kubernetes.Quantity';

class Amount {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}

const ofInt = (value: bigint): Quantity => ({ nano: value * NANO, format: 'decimal' });

function whole({ nano }: Quantity): bigint {
  if (nano % NANO !== 0n) throw new GantryError('invalid', 'cannot convert value to integer');
  return nano / NANO;
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

/** kubernetes.io, "Common Expression Language in Kubernetes", Kubernetes quantity library. */
export function withQuantities(environment: Environment): Environment {
  return environment
    .registerType(TYPE, { ctor: Amount, fields: {} })
    .registerFunction(`quantity(string): ${TYPE}`, (text: string) => new Amount(parseQuantity(text)))
    .registerFunction('isQuantity(string): bool', isQuantity)
    .registerFunction(`string(${TYPE}): string`, ({ quantity }: Amount) => formatQuantity(quantity))
    .registerFunction(`${TYPE}.sign(): int`, ({ quantity: { nano } }: Amount) => (nano > 0n ? 1n : nano < 0n ? -1n : 0n))
    .registerFunction(`${TYPE}.isInteger(): bool`, ({ quantity: { nano } }: Amount) => nano % NANO === 0n)
    .registerFunction(`${TYPE}.asInteger(): int`, ({ quantity }: Amount) => whole(quantity))
    .registerFunction(`${TYPE}.asApproximateFloat(): double`, ({ quantity: { nano } }: Amount) => Number(nano) / Number(NANO))
    .registerFunction(`${TYPE}.add(${TYPE}): ${TYPE}`, (a: Amount, b: Amount) => new Amount(addQuantities(a.quantity, b.quantity)))
    .registerFunction(`${TYPE}.add(int): ${TYPE}`, (a: Amount, b: bigint) => new Amount(addQuantities(a.quantity, ofInt(b))))
    .registerFunction(`${TYPE}.sub(${TYPE}): ${TYPE}`, (a: Amount, b: Amount) => new Amount(subtractQuantities(a.quantity, b.quantity)))
    .registerFunction(`${TYPE}.sub(int): ${TYPE}`, (a: Amount, b: bigint) => new Amount(subtractQuantities(a.quantity, ofInt(b))))
    .registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (a: Amount, b: Amount) => compareQuantities(a.quantity, b.quantity) < 0)
    .registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (a: Amount, b: Amount) => compareQuantities(a.quantity, b.quantity) > 0)
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (a: Amount, b: Amount) => BigInt(compareQuantities(a.quantity, b.quantity)))
    .registerOperator(`${TYPE} == ${TYPE}`, (a: Amount, b: Amount) => compareQuantities(a.quantity, b.quantity) === 0);
}
