import type { PodContainer, PodProbe } from './pod.ts';
import type { ProbeState } from './plan.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

interface Tally {
  /** In a row. */
  readonly successes: number;
  readonly failures: number;
  readonly lastMs: number | undefined;
}

/** The tallies of one running container, and what follows from them. */
export interface ContainerProbes {
  readonly state: ProbeState;
  readonly tallies: Readonly<Record<ProbeKind, Tally>>;
}

const NONE: Tally = { successes: 0, failures: 0, lastMs: undefined };
const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

export function probeOf(container: PodContainer, kind: ProbeKind): PodProbe | undefined {
  return kind === 'startup' ? container.startupProbe : kind === 'liveness' ? container.livenessProbe : container.readinessProbe;
}

/** Not started and not ready where a probe is to say so; alive until one says otherwise. */
export function freshProbes(container: PodContainer): ContainerProbes {
  const started = container.startupProbe === undefined;
  return { state: { started, ready: started && container.readinessProbe === undefined, alive: true }, tallies: { startup: NONE, liveness: NONE, readiness: NONE } };
}

/** What was said of a container goes on being true until a probe says otherwise: that an agent comes back changes nothing in it. */
export function keptProbes({ ready, started }: { readonly ready: boolean; readonly started: boolean }): ContainerProbes {
  return { state: { started, ready, alive: true }, tallies: { startup: NONE, liveness: NONE, readiness: NONE } };
}

/** The probes that are due, and when the next one will be. Until a container has started, only that is asked. */
export function dueProbes(container: PodContainer, { state, tallies }: ContainerProbes, startedMs: number, nowMs: number): { readonly due: readonly ProbeKind[]; readonly nextMs: number | undefined } {
  const asked = KINDS.filter((kind) => probeOf(container, kind) !== undefined && (state.started ? kind !== 'startup' : kind === 'startup'));
  const timed = asked.map((kind) => {
    const { initialDelaySeconds = 0, periodSeconds = 10 } = probeOf(container, kind) ?? {};
    const { lastMs } = tallies[kind];
    return { kind, dueMs: lastMs === undefined ? startedMs + initialDelaySeconds * 1000 : lastMs + periodSeconds * 1000 };
  });
  const due = timed.filter(({ dueMs }) => dueMs <= nowMs).map(({ kind }) => kind);
  const later = timed.filter(({ dueMs }) => dueMs > nowMs).map(({ dueMs }) => dueMs);
  return { due, nextMs: later.length === 0 ? undefined : Math.min(...later) };
}

/** The outcome of one probe taken in (`core.v1.Probe`: thresholds are in a row). */
export function withOutcome(container: PodContainer, probes: ContainerProbes, kind: ProbeKind, ok: boolean, nowMs: number): ContainerProbes {
  const { successThreshold = 1, failureThreshold = 3 } = probeOf(container, kind) ?? {};
  const old = probes.tallies[kind];
  const tally: Tally = { successes: ok ? old.successes + 1 : 0, failures: ok ? 0 : old.failures + 1, lastMs: nowMs };
  const passed = tally.successes >= successThreshold;
  const failed = tally.failures >= failureThreshold;
  return { tallies: { ...probes.tallies, [kind]: tally }, state: nextState(container, probes.state, kind, passed, failed) };
}

function nextState(container: PodContainer, state: ProbeState, kind: ProbeKind, passed: boolean, failed: boolean): ProbeState {
  switch (kind) {
    case 'startup': return passed ? { ...state, started: true, ready: container.readinessProbe === undefined } : failed ? { ...state, alive: false } : state;
    case 'liveness': return failed ? { ...state, alive: false } : state;
    case 'readiness': return passed ? { ...state, ready: true } : failed ? { ...state, ready: false } : state;
  }
}
