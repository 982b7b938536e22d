/** What is done with a container that has become unhealthy. */
export type UnhealthyAction = 'none' | 'restart' | 'stop';

/** HEALTHCHECK of an image, `--health-*` of a run, a probe of a pod. */
export interface Probe {
  readonly command: { readonly kind: 'exec' | 'shell'; readonly words: readonly string[] };
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}
