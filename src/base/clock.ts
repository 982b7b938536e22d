/** Time is an argument. `edge/` has the real clock, tests have `ManualClock`. */
export interface Clock {
  /** Wall clock in nanoseconds since the epoch. */
  nowNs(): bigint;
  /** Milliseconds of a clock that never jumps; its zero has no meaning. */
  monotonicMs(): number;
}

export interface Timers {
  /** Calls back once after `delayMs`. The answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

const NS_PER_MS = 1_000_000n;

/** RFC 3339 with nanoseconds, as Docker prints times: `2026-11-23T21:00:00.123456789Z`. */
export function formatTimeNs(timeNs: bigint): string {
  const ms = timeNs / NS_PER_MS;
  const seconds = new Date(Number(ms)).toISOString().slice(0, 19);
  const fraction = (timeNs % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
