import { formatTimeNs } from '#base/clock.ts';
import type { Container } from '#container/model/container.ts';
import type { Health } from '#container/model/health.ts';
import type { ContainerState, Phase } from '#container/model/container-state.ts';
import { formatRoughDuration } from '#base/units.ts';

const NEVER = '0001-01-01T00:00:00Z';

export type StateWord = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

const WORDS: Readonly<Record<Phase, StateWord>> = {
  creating: 'created', created: 'created', starting: 'created', running: 'running', paused: 'paused', restarting: 'restarting', exited: 'exited',
  removing: 'removing', dead: 'dead',
};

/** Docker knows no phase between the word of a start and the start: a container that ran before is still `exited`. */
export function stateWord(state: ContainerState): StateWord {
  if (state.phase !== 'starting' || state.startedNs === undefined) return WORDS[state.phase];
  return state.cause === 'restart policy' ? 'restarting' : 'exited';
}

/** A container that waits for its next try counts as running. */
export function isUp(state: ContainerState): boolean {
  return ['running', 'paused', 'restarting'].includes(stateWord(state));
}

function timeOf(ns: string | undefined): string {
  return ns === undefined ? NEVER : formatTimeNs(BigInt(ns));
}

function renderHealth({ status, failingStreak, log }: Health) {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ startNs, endNs, exitCode, output }) => ({ Start: timeOf(startNs), End: timeOf(endNs), ExitCode: exitCode, Output: output })),
  };
}

/** `State` of an inspect. */
export function renderState({ state }: Container) {
  return {
    Status: stateWord(state),
    Running: isUp(state),
    Paused: state.phase === 'paused',
    Restarting: stateWord(state) === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: state.phase === 'dead',
    Pid: state.phase === 'running' || state.phase === 'paused' ? (state.process?.pid ?? 0) : 0,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: timeOf(state.startedNs),
    FinishedAt: timeOf(state.finishedNs),
    ...(state.health === undefined ? {} : { Health: renderHealth(state.health) }),
  };
}

function healthText({ health }: ContainerState): string {
  return health === undefined ? '' : ` (${health.status === 'starting' ? 'health: starting' : health.status})`;
}

/** The status column of `docker ps`. */
export function statusText(state: ContainerState, nowNs: bigint): string {
  const since = (ns: string | undefined): string => formatRoughDuration(Number((nowNs - BigInt(ns ?? nowNs)) / 1_000_000n) / 1000);
  switch (stateWord(state)) {
    case 'running': return `Up ${since(state.startedNs)}${healthText(state)}`;
    case 'paused': return `Up ${since(state.startedNs)} (Paused)`;
    case 'restarting': return `Restarting (${state.exitCode}) ${since(state.finishedNs)} ago`;
    case 'removing': return 'Removal In Progress';
    case 'dead': return 'Dead';
    case 'created': return 'Created';
    case 'exited': return `Exited (${state.exitCode}) ${since(state.finishedNs)} ago`;
  }
}
