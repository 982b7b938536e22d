import type { Clock, Timers } from '#base/clock.ts';

const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 60_000;

/** Keys to be looked at: each once however often it is added, never two at a time for one key, later after failures. */
export class WorkQueue {
  readonly #timers: Timers;
  readonly #wake: () => void;
  readonly #waiting = new Set<string>();
  readonly #underWay = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>();
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  /** @param wake there is something to take, or may be */
  constructor(timers: Timers, clock: Pick<Clock, 'monotonicMs'>, wake: () => void) {
    this.#timers = timers;
    this.#clock = clock;
    this.#wake = wake;
  }

  add(key: string): void {
    this.#waiting.add(key);
    this.#wake();
  }

  /** The earliest of several times is kept: whoever looks then says anew when to look again. */
  addAfter(key: string, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.dueMs <= dueMs) return;
    earlier?.cancel();
    const cancel = this.#timers.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  /** The next key that nobody works on. `done` has to be told of it. */
  take(): string | undefined {
    for (const key of this.#waiting) {
      if (this.#underWay.has(key)) continue;
      this.#waiting.delete(key);
      this.#underWay.add(key);
      return key;
    }
    return undefined;
  }

  /** It was taken too early, and waits for somebody to wake the queue. */
  putBack(key: string): void {
    this.#underWay.delete(key);
    this.#waiting.add(key);
  }

  done(key: string, outcome: 'done' | 'failed'): void {
    this.#underWay.delete(key);
    if (outcome === 'done') this.#failures.delete(key);
    else {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      this.addAfter(key, Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS));
    }
    this.#wake();
  }

  close(): void {
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
  }
}
