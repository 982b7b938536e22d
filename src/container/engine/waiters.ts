import type { Cancellation } from '#base/cancellation.ts';
import type { WaitCondition, WaitResult } from './port.ts';

interface Waiter {
  readonly condition: WaitCondition;
  readonly settle: (result: WaitResult) => void;
}

/** Who waits for which container, and for what. */
export class Waiters {
  readonly #waiting = new Map<string, Set<Waiter>>();

  /** @param cancellation whoever waits is gone: it is forgotten at once, and told so */
  wait(id: string, condition: WaitCondition, cancellation?: Cancellation): Promise<WaitResult> {
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    const set = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, set);
    const forget = cancellation?.onCancel(() => {
      set.delete(waiter);
      if (set.size === 0 && this.#waiting.get(id) === set) this.#waiting.delete(id);
      resolve({ exitCode: 0, error: 'nobody waits any more' });
    });
    const waiter: Waiter = {
      condition,
      settle: (result) => {
        forget?.();
        resolve(result);
      },
    };
    if (cancellation?.isCancelled !== true) set.add(waiter);
    return promise;
  }

  /** How many wait, for whatever. */
  get count(): number {
    return [...this.#waiting.values()].reduce((sum, set) => sum + set.size, 0);
  }

  settle(id: string, conditions: readonly WaitCondition[], result: WaitResult): void {
    const set = this.#waiting.get(id);
    if (set === undefined) return;
    for (const waiter of set) {
      if (!conditions.includes(waiter.condition)) continue;
      set.delete(waiter);
      waiter.settle(result);
    }
    if (set.size === 0) this.#waiting.delete(id);
  }
}
