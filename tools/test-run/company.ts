/** Files that can't share the machine, each for a reason. */
const ALONE: ReadonlySet<string> = new Set([
  // Is a load itself, and holds the daemon to the time it takes to be ready again.
  'test/crash/kill-under-load.test.ts',
  // Hold a daemon under attack to the time in which it serves others.
  'test/security/api-clients.test.ts',
  'test/security/api-parsing.test.ts',
]);

/** Files that take longest begin first, so that none is left running by itself at the end. */
const LONGEST: readonly string[] = ['test/shop.test.ts', 'test/security/runtime.test.ts', 'test/compose.test.ts', 'test/compose-config.test.ts'];

/** Files that mostly wait, for what takes its time: they go one after the other beside the two that work. */
const PATIENT: ReadonlySet<string> = new Set([
  'test/abandoned.test.ts', 'test/bad-input.test.ts', 'test/health.test.ts', 'test/image-gc.test.ts', 'test/kubectl.test.ts', 'test/logs.test.ts', 'test/security/network.test.ts',
]);

/** Scenario files in the order in which they begin. */
export function inCompany(paths: readonly string[]): { readonly together: readonly string[]; readonly patient: readonly string[]; readonly alone: readonly string[] } {
  const rank = (path: string): number => (LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length);
  return {
    together: paths.filter((path) => !ALONE.has(path) && !PATIENT.has(path)).sort((one, other) => rank(one) - rank(other)),
    patient: paths.filter((path) => PATIENT.has(path)),
    alone: paths.filter((path) => ALONE.has(path)),
  };
}

/** For the test of this list: a file that was renamed must not lose its place unseen. */
export const named: readonly string[] = [...ALONE, ...LONGEST, ...PATIENT];
