/** What came out of one test file, or of another check that counts as one. */
export interface Result {
  readonly path: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly Skip[];
  /** What failed beside other files, and passed alone. */
  readonly unsteady?: readonly Failure[];
  readonly durationMs: number;
}

export interface Failure {
  readonly name: string;
  readonly detail: string;
}

export interface Skip {
  readonly name: string;
  readonly reason: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly unsteady: number;
}

export function count(results: readonly Result[]): Counts {
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.reduce((sum, { failures }) => sum + failures.length, 0),
    skipped: results.reduce((sum, { skips }) => sum + skips.length, 0),
    unsteady: results.reduce((sum, { unsteady }) => sum + (unsteady?.length ?? 0), 0),
  };
}

/** What CI and people read: three counts and nothing else, so that every program which looks for them finds them. */
export const renderCounts = ({ passed, failed, skipped }: Counts): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;
