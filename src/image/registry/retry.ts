/** How often a step is tried in all. */
export const MAX_ATTEMPTS = 5;
const FIRST_MS = 250;
const LONGEST_MS = 8000;
/** A registry that wants more patience than this is not waited for. */
const LONGEST_ASKED_MS = 60_000;

/** Too many requests, and failures that pass. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 408 || status === 500 || status === 502 || status === 503 || status === 504;
}

/**
 * Milliseconds to wait before the next attempt, or undefined to give up. `attempt` counts from 1; `chance` is in [0, 1) and
 * spreads clients that failed together. `retryAfter` is the header (RFC 9110, 10.2.3), whose dates are not understood.
 */
export function retryDelay(attempt: number, chance: number, retryAfter?: string): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  const asked = retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : undefined;
  if (asked !== undefined) return asked > LONGEST_ASKED_MS ? undefined : asked;
  const backOff = Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS);
  return Math.round(backOff / 2 + (backOff / 2) * chance);
}
