import type { Lines } from '../dockerfile-error.ts';

/** What a check found. */
export interface Warning {
  /** The rule: `StageNameCasing`. */
  readonly rule: string;
  readonly description: string;
  /** Where the rule is explained; empty where it isn't. */
  readonly url: string;
  readonly message: string;
  readonly lines: Lines;
}
