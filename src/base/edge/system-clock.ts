import { GantryError } from '../error.ts';
import type { Clock, Timers } from '../clock.ts';

/** The clocks of the machine. */
export class SystemClock implements Clock {
  /** The kernel's CLOCK_REALTIME at full resolution; follows NTP, so it can step back. */
  nowNs(): bigint {
    return Temporal.Now.instant().epochNanoseconds;
  }

  monotonicMs(): number {
    return performance.now();
  }
}

/** Node fires at once when a delay exceeds a signed 32-bit number of milliseconds (24.8 days). */
const LONGEST_DELAY_MS = 2_147_483_647;

export class SystemTimers implements Timers {
  after(delayMs: number, callback: () => void): () => void {
    if (Number.isNaN(delayMs)) throw new GantryError('internal', 'a timer was set with a delay that is not a number');
    let handle: NodeJS.Timeout | undefined;
    const arm = (remainingMs: number): void => {
      const stepMs = Math.min(remainingMs, LONGEST_DELAY_MS);
      handle = setTimeout(() => (remainingMs > stepMs ? arm(remainingMs - stepMs) : callback()), stepMs);
    };
    arm(Math.max(0, delayMs));
    return () => clearTimeout(handle);
  }
}
