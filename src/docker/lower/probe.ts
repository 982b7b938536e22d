import type { Probe, UnhealthyAction } from '#container/model/probe.ts';
import type { HealthConfig } from '../wire/config.ts';

const DEFAULT_MS = 30_000;
const DEFAULT_START_INTERVAL_MS = 5000;
const DEFAULT_RETRIES = 3;

/** The label of a container that says what is done with it when it is unhealthy. */
export const UNHEALTHY_LABEL = 'gantry.on-unhealthy';

const toMs = (ns: number | undefined, otherwise: number): number => (ns === undefined || ns === 0 ? otherwise : Math.ceil(ns / 1e6));

/** No probe for `NONE`, and for a test of a kind that isn't known: Docker runs none there either. */
export function lowerProbe(health: HealthConfig | null | undefined): Probe | undefined {
  const [kind, ...words] = health?.Test ?? [];
  if (health === null || health === undefined || (kind !== 'CMD' && kind !== 'CMD-SHELL') || words.length === 0) return undefined;
  return {
    command: { kind: kind === 'CMD' ? 'exec' : 'shell', words },
    intervalMs: toMs(health.Interval, DEFAULT_MS),
    timeoutMs: toMs(health.Timeout, DEFAULT_MS),
    startPeriodMs: toMs(health.StartPeriod, 0),
    startIntervalMs: toMs(health.StartInterval, DEFAULT_START_INTERVAL_MS),
    retries: health.Retries || DEFAULT_RETRIES,
  };
}

/** From the labels of the request alone: those of an image are data, and never an order to the engine. */
export function lowerUnhealthy(labels: Readonly<Record<string, string>> | null): UnhealthyAction | undefined {
  const value = labels !== null && Object.hasOwn(labels, UNHEALTHY_LABEL) ? labels[UNHEALTHY_LABEL] : undefined;
  return value === 'none' || value === 'restart' || value === 'stop' ? value : undefined;
}
