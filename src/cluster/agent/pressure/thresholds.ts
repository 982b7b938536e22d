import { GantryError } from '#base/error.ts';
import { parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';

/** What is looked at, as the kubelet calls it (kubernetes.io, "Node-pressure Eviction"). */
export const SIGNALS = ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree', 'pid.available'] as const;
export type Signal = (typeof SIGNALS)[number];

/** Bytes, inodes or process ids: what is left of how many. */
export interface Reading {
  readonly left: number;
  readonly all: number;
}

export type Readings = ReadonlyMap<Signal, Reading>;

export interface Threshold {
  readonly signal: Signal;
  /** `100Mi`, `10%`. */
  readonly text: string;
  /** Of what there is, or in the signal's own unit. */
  readonly amount: { readonly kind: 'share' | 'count'; readonly value: number };
  /** A soft one: how long it has to be crossed before a pod goes, which then has its time to end. */
  readonly graceMs?: number;
}

/** The kubelet's own `--eviction-hard`. */
export const DEFAULT_THRESHOLDS = 'memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%';

/** @param text as of the kubelet's `--eviction-hard`; `none`: no pod is ever evicted @throws GantryError invalid */
export function parseThresholds(text: string): readonly Threshold[] {
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const [name = '', amount = '', ...rest] = part.split('<').map((each) => each.trim());
    const signal = SIGNALS.find((each) => each === name);
    if (signal === undefined || rest.length > 0) throw new GantryError('invalid', `the threshold ${JSON.stringify(part)} can't be read`, { hint: `one looks like memory.available<100Mi, and the signals are ${SIGNALS.join(', ')}` });
    return { signal, text: amount, amount: amountOf(part, amount) };
  });
}

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };
const DURATION = /^(?:\d+(?:\.\d+)?[hms])+$/;

/**
 * @param text as of the kubelet's `--eviction-soft`: `memory.available<300Mi`
 * @param graces as of its `--eviction-soft-grace-period`: `memory.available=1m30s`, one for each signal
 * @throws GantryError invalid
 */
export function parseSoftThresholds(text: string, graces: string): readonly Threshold[] {
  const bySignal = new Map(graces.split(',').filter((part) => part.trim() !== '').map((part) => {
    const [name = '', duration = ''] = part.split('=').map((each) => each.trim());
    if (!SIGNALS.some((each) => each === name) || !DURATION.test(duration)) throw new GantryError('invalid', `the grace period ${JSON.stringify(part)} can't be read`, { hint: 'one looks like memory.available=1m30s' });
    return [name, [...duration.matchAll(/([\d.]+)([hms])/g)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0)] as const;
  }));
  return parseThresholds(text).map((threshold) => {
    const graceMs = bySignal.get(threshold.signal);
    if (graceMs === undefined) throw new GantryError('invalid', `the soft threshold for ${threshold.signal} has no grace period`, { hint: `say how long it may be crossed: --eviction-soft-grace-period ${threshold.signal}=1m30s` });
    return { ...threshold, graceMs };
  });
}

function amountOf(part: string, text: string): Threshold['amount'] {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (share !== null && Number(share[1]) <= 100) return { kind: 'share', value: Number(share[1]) / 100 };
  try {
    const value = Number(wholeValue(parseQuantity(text)));
    if (share === null && value >= 0) return { kind: 'count', value };
  } catch { /* told below */ }
  throw new GantryError('invalid', `the amount of the threshold ${JSON.stringify(part)} is neither a quantity nor a share of up to 100%`);
}

/** A threshold that is crossed. */
export interface Met {
  readonly threshold: Threshold;
  readonly left: number;
}

export function metThresholds(thresholds: readonly Threshold[], readings: Readings): readonly Met[] {
  return thresholds.flatMap((threshold) => {
    const reading = readings.get(threshold.signal);
    if (reading === undefined) return [];
    const { kind, value } = threshold.amount;
    return reading.left < (kind === 'share' ? value * reading.all : value) ? [{ threshold, left: reading.left }] : [];
  });
}
