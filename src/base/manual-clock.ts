import type { Clock, Timers } from './clock.ts';
import { GantryError } from './error.ts';

const NS_PER_MS = 1_000_000;
/** 2026-01-01T00:00:00Z: a fixed start makes the times in goldens readable. */
const DEFAULT_START_NS = 1_767_225_600_000_000_000n;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Time that moves only when told. Timers fire inside `advance`, in the order of their due time and,
 * at the same time, in the order in which they were set.
 */
export class ManualClock implements Clock, Timers {
  #startNs: bigint;
  #elapsedMs = 0;
  #timersSet = 0;
  readonly #due = new Set<Due>();

  constructor(startNs: bigint = DEFAULT_START_NS) {
    this.#startNs = startNs;
  }

  nowNs(): bigint {
    return this.#startNs + BigInt(Math.round(this.#elapsedMs * NS_PER_MS));
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    if (Number.isNaN(delayMs)) throw new GantryError('internal', 'a timer was set with a delay that is not a number');
    const due = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#timersSet++, callback };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  }

  /** Lets time pass, and every timer fire that falls due in it, including those set meanwhile. */
  advance(durationMs: number): void {
    if (!(durationMs >= 0)) throw new GantryError('internal', `a clock was asked to advance by ${durationMs} ms`);
    const endMs = this.#elapsedMs + durationMs;
    for (let next = this.#next(); next !== undefined && next.atMs <= endMs; next = this.#next()) {
      this.#due.delete(next);
      this.#elapsedMs = next.atMs;
      next.callback();
    }
    this.#elapsedMs = endMs;
  }

  /** As `advance`, but lets promises settle after each timer, for code that awaits between timers. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    await settle();
    for (let next = this.#next(); next !== undefined && next.atMs <= endMs; next = this.#next()) {
      this.advance(next.atMs - this.#elapsedMs);
      await settle();
    }
    this.advance(Math.max(0, endMs - this.#elapsedMs));
    await settle();
  }

  /** Moves the wall clock alone, as an administrator or NTP does. */
  step(offsetNs: bigint): void {
    this.#startNs += offsetNs;
  }

  /** How many timers wait: zero when everything that was started has been stopped. */
  pendingTimers(): number {
    return this.#due.size;
  }

  #next(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (first === undefined || due.atMs < first.atMs || (due.atMs === first.atMs && due.order < first.order)) first = due;
    }
    return first;
  }
}

/** Enough turns of the microtask queue for chains of `await` of ordinary depth. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 32; turn++) await undefined;
}
