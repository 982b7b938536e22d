import type { Result } from './result.ts';

/** More than these fail for a reason. */
const MOST_FILES = 2;
/** Here chance is the test: what it found once is found, and the next draw need not find it again. */
const DRAWN = /^test\/(security|crash)\/|fuzz/;

/** The files that are looked at once more, by themselves: few, and of those where the same is done each time. */
export function forSecondLook(results: readonly Result[]): string[] {
  const failed = results.filter(({ failures }) => failures.length > 0).map(({ path }) => path);
  return failed.length > MOST_FILES || failed.some((path) => DRAWN.test(path)) ? [] : failed;
}

/**
 * What holds after the second look. Scenarios share the machine with each other and with whoever else is on it: what fails
 * there and passes alone fails no run, but is told in full as unsteady, for it is a fault of the test or of the engine.
 */
export function afterSecondLook(results: readonly Result[], again: readonly Result[]): Result[] {
  return results.map((first) => {
    const second = again.find(({ path }) => path === first.path);
    if (second === undefined) return first;
    return second.failures.length > 0 ? second : { ...second, unsteady: first.failures };
  });
}
