import type { Met, Signal } from './thresholds.ts';

/** Conditions of a node (`core.v1.NodeConditionType`). */
export const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
export type Pressure = (typeof PRESSURES)[number];

/** When each was last seen. */
export type PressureTimes = ReadonlyMap<Pressure, number>;

/** A node says so for as long after it was last seen: else a pod that comes back brings it back, again and again. */
const TRANSITION_MS = 300_000;

export function pressureOf(signal: Signal): Pressure {
  return signal === 'memory.available' ? 'MemoryPressure' : signal === 'pid.available' ? 'PIDPressure' : 'DiskPressure';
}

export function nextTimes(before: PressureTimes, met: readonly Met[], nowMs: number): PressureTimes {
  return new Map([...before, ...met.map(({ threshold }) => [pressureOf(threshold.signal), nowMs] as const)]);
}

export function pressuresAt(times: PressureTimes, nowMs: number): ReadonlySet<Pressure> {
  return new Set([...times].filter(([, seenMs]) => nowMs - seenMs < TRANSITION_MS).map(([pressure]) => pressure));
}
