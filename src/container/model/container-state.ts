import { GantryError } from '#base/error.ts';
import type { Happening } from './happening.ts';
import type { Health } from './health.ts';
import type { PublishedPort } from './port-binding.ts';
import type { Endpoint } from './sandbox.ts';

/** A process that can't be mistaken for another that got its number later. */
export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

export type Phase =
  | 'creating' // directories may be half made
  | 'created'
  | 'starting' // kernel objects may be half made
  | 'running'
  | 'paused'
  | 'restarting' // ended, and due to start again
  | 'exited'
  | 'removing' // being unmade
  | 'dead'; // could not be unmade

/** The present of a container. Written before what it says is acknowledged. */
export interface ContainerState {
  readonly phase: Phase;
  readonly process?: ProcessRef;
  readonly monitor?: ProcessRef;
  /** Its places in networks, in the order of its links. */
  readonly endpoints: readonly Endpoint[];
  /** The links in the kernel are being brought from these to `endpoints`: an intent, until it is done. */
  readonly rearranging?: readonly Endpoint[];
  readonly published: readonly PublishedPort[];
  readonly startedNs?: string;
  readonly finishedNs?: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Of a container with a probe, from its first start on. */
  readonly health?: Health;
  /** Why the last start failed, as told to the client. */
  readonly error: string;
  readonly restarts: number;
  readonly lastDelayMs: number;
  readonly stoppedByRequest: boolean;
  /** Written before its processes are frozen: a daemon that finds it on one that should run lets it go on. */
  readonly freezing?: boolean;
  /** Whether the removal under way takes anonymous volumes too. */
  readonly removesVolumes?: boolean;
  /** What led here, oldest first; bounded. */
  readonly history?: readonly Happening[];
  /** The last start was asked for by this kind of actor; the chain that `gantry why` prints. */
  readonly cause: string;
}

export const FRESH_STATE: ContainerState = {
  phase: 'creating', endpoints: [], published: [], exitCode: 0, oomKilled: false, error: '', restarts: 0, lastDelayMs: 0,
  stoppedByRequest: false, cause: 'create',
};

const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  creating: ['created', 'removing'],
  created: ['starting', 'removing'],
  starting: ['running', 'created', 'exited', 'removing'],
  running: ['paused', 'exited', 'restarting', 'removing'],
  paused: ['running', 'exited', 'restarting', 'removing'],
  restarting: ['starting', 'exited', 'removing'],
  exited: ['starting', 'restarting', 'removing'],
  removing: ['dead'],
  dead: ['removing'],
};

export function isLive(phase: Phase): boolean {
  return phase === 'running' || phase === 'paused';
}

/** The state after a step of the life cycle; a step that the machine doesn't know is a bug, and says so. */
export function advance(state: ContainerState, phase: Phase, change: Partial<ContainerState> = {}): ContainerState {
  if (phase !== state.phase && !NEXT[state.phase].includes(phase)) {
    throw new GantryError('internal', `a container can't go from ${state.phase} to ${phase}`);
  }
  return { ...state, ...change, phase };
}

/** The same state with no process, place in a network or published port. */
export function atRest(state: ContainerState): ContainerState {
  const { process: _process, monitor: _monitor, freezing: _freezing, rearranging: _rearranging, ...rest } = state;
  return { ...rest, endpoints: [], published: [] };
}
