/** Whether a container that ended is started again. */
export type RestartPolicy =
  | { readonly kind: 'no' }
  | { readonly kind: 'always' }
  | { readonly kind: 'unless-stopped' }
  | { readonly kind: 'on-failure'; readonly maximumRetries: number };

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/** A run of this length counts as a good one, and the delay starts over (Docker's figure). */
const GOOD_RUN_MS = 10_000;

export interface EndedRun {
  readonly exitCode: number;
  readonly ranMs: number;
  /** Restarts since the last start that a person asked for. */
  readonly restarts: number;
  readonly lastDelayMs: number;
  readonly stoppedByRequest: boolean;
}

/** The delay before the next start, or undefined where the policy lets the container rest. */
export function restartDelayMs(policy: RestartPolicy, run: EndedRun): number | undefined {
  if (run.stoppedByRequest || policy.kind === 'no') return undefined;
  if (policy.kind === 'on-failure') {
    if (run.exitCode === 0) return undefined;
    if (policy.maximumRetries > 0 && run.restarts >= policy.maximumRetries) return undefined;
  }
  if (run.ranMs >= GOOD_RUN_MS || run.lastDelayMs === 0) return FIRST_DELAY_MS;
  return Math.min(run.lastDelayMs * 2, LONGEST_DELAY_MS);
}
