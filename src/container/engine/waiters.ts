import type { WaitCondition, WaitResult } from './port.ts';

interface Waiter {
  readonly condition: WaitCondition;
  readonly settle: (result: WaitResult) => void;
}

/** Who waits for which container, and for what. */
export class Waiters {
  readonly #waiting = new Map<string, Set<Waiter>>();

  wait(id: string, condition: WaitCondition): Promise<WaitResult> {
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    const set = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, set);
    set.add({ condition, settle: resolve });
    return promise;
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
