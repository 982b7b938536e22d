import type { ProcessRef } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';

/** What the kernel shows of a container when the daemon comes back. */
export interface Observed {
  readonly process?: ProcessRef;
  readonly monitor?: ProcessRef;
  /** The process had not yet been told to start. */
  readonly waitingToStart: boolean;
  /** It was told to start, and is no more. */
  readonly hasEnded: boolean;
}

export type RecoveryAction =
  | { readonly kind: 'keep'; readonly why: string }
  /** It runs, whatever was written: go on with it. */
  | { readonly kind: 'adopt'; readonly process: ProcessRef; readonly monitor?: ProcessRef; readonly why: string }
  /** It ran, and ended while nobody looked; its note may still come with the code. */
  | { readonly kind: 'ended'; readonly why: string }
  /** A start that did not come to its end is taken back. */
  | { readonly kind: 'undo-start'; readonly why: string }
  | { readonly kind: 'undo-create'; readonly why: string }
  | { readonly kind: 'finish-remove'; readonly why: string }
  | { readonly kind: 'schedule-restart'; readonly why: string };

/** Intents against the kernel: finish or undo, one decision a container. */
export function planRecovery({ state }: Container, observed: Observed): RecoveryAction {
  const { process, monitor } = observed;
  const adopt = (why: string): RecoveryAction => ({ kind: 'adopt', process: process ?? { pid: 0, startTime: '' }, ...(monitor === undefined ? {} : { monitor }), why });
  switch (state.phase) {
    case 'creating': return { kind: 'undo-create', why: 'it was never acknowledged' };
    case 'removing':
    case 'dead': return { kind: 'finish-remove', why: 'its removal was under way' };
    case 'starting':
      // To start it anew would be to run it twice.
      if (process === undefined && observed.hasEnded) return { kind: 'ended', why: 'it ran and ended before its start was written down' };
      return process !== undefined && !observed.waitingToStart ? adopt('its start was not yet written down, but it runs') : { kind: 'undo-start', why: 'its start did not come to its end' };
    case 'running':
    case 'paused':
      return process !== undefined ? adopt('it runs') : { kind: 'ended', why: 'it ended while no daemon ran' };
    case 'restarting': return { kind: 'schedule-restart', why: 'it was due to start again' };
    case 'created':
    case 'exited': return { kind: 'keep', why: 'it rests' };
  }
}
