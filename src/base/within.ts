import type { Timers } from './clock.ts';

/**
 * What `awaited` settles with, or, where it has not settled after `limitMs`, what `late` answers or throws.
 * `awaited` goes on, and its failure is then nobody's.
 */
export async function within<T>(timers: Timers, limitMs: number, awaited: Promise<T>, late: () => T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const cancel = timers.after(limitMs, () => resolve('late'));
  try {
    const first = await Promise.race([awaited.then((value) => ({ value })), promise]);
    return first === 'late' ? late() : first.value;
  } finally {
    cancel();
  }
}
