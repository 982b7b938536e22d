import type { Probe } from './probe.ts';

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

export interface ProbeResult {
  readonly startNs: string;
  readonly endNs: string;
  /** -1: it was not told, as of a probe that ran out of time. */
  readonly exitCode: number;
  /** Both streams as they came, cut at `LONGEST_OUTPUT`. */
  readonly output: string;
}

/** How a container is, by its probe. */
export interface Health {
  readonly status: HealthStatus;
  readonly failingStreak: number;
  /** The last results, oldest first. */
  readonly log: readonly ProbeResult[];
}

/** Bytes of a probe's output that are kept; Docker keeps as many. */
export const LONGEST_OUTPUT = 4096;
const KEPT_RESULTS = 5;
const NS_PER_MS = 1_000_000n;

/** At a start: results of earlier runs stay to be read. */
export function freshHealth(before: Health | undefined): Health {
  return { status: 'starting', failingStreak: 0, log: before?.log ?? [] };
}

/** After a run: nobody looks any more, so nobody may count on it. Docker tells the same. */
export function restingHealth(before: Health): Health {
  return { ...before, status: 'unhealthy', failingStreak: 0 };
}

/** A failure within the start period of a container that was never healthy does not count. */
export function afterProbe(health: Health, probe: Probe, result: ProbeResult, runStartedNs: bigint): Health {
  const log = [...health.log, result].slice(-KEPT_RESULTS);
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (health.status === 'starting' && isInStartPeriod(probe, BigInt(result.startNs), runStartedNs)) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= probe.retries ? 'unhealthy' : health.status, failingStreak, log };
}

/** From the end of one probe, or the start of the run, to the next. */
export function probeDelayMs(health: Health, probe: Probe, nowNs: bigint, runStartedNs: bigint): number {
  return health.status === 'starting' && isInStartPeriod(probe, nowNs, runStartedNs) ? probe.startIntervalMs : probe.intervalMs;
}

function isInStartPeriod(probe: Probe, atNs: bigint, runStartedNs: bigint): boolean {
  return atNs - runStartedNs < BigInt(probe.startPeriodMs) * NS_PER_MS;
}
